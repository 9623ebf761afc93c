/*  wipe.c - words of messages that are no more leave the file

    A shard in which something was removed or edited is written anew: its messages, as the log has
    them now, go into a new table, and the old one is dropped, with zeros over its pages
    (secure_delete). What stood in the WAL before is gone once that is cut to nothing.
*/
#include "index_private.h"

enum {
    QUIET_MS = 1000,  /* an idle index waits so long for more that is to be wiped */
    LATEST_MS = 30000 /* a busy one this long                                    */
};

static bool shard_optimize (index_t *self, const shard_t *shard)
{
    char table[TABLE_NAME_MAX], sql[2 * TABLE_NAME_MAX + 64];
    shard_table (shard->shard, shard->version, table);
    snprintf (sql, sizeof sql, "INSERT INTO %s (%s) VALUES ('optimize')", table, table);
    return sqlite3_exec (self->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/*  Put a message into the shard's new table. Where the log does not have it any more, it will hear
    of that later.                                                             */
static bool message_again (index_t *self, uint64_t doc, sqlite3_int64 id)
{
    const event_t *event;
    uint64_t number = (uint64_t)id >> SEQ_BITS, seq = (uint64_t)id & ZCHAT_SEQ_MAX;
    const feed_room_t *room = feed_room (&self->feed, number);
    if (!room || room->dropped)
        return true;
    if (!feed_event (&self->feed, number, seq, false, &event))
        return false;
    return !event || !event_searched (event) || shard_insert (self, doc, room, event);
}

static bool shard_rewrite (index_t *self, const bool *stop)
{
    shard_t *shard = &self->shard;
    uint64_t before = shard->version;
    sqlite3_stmt *statement = self->statements[DO_DOCS];
    feed_pages_drop (&self->feed);
    if (!shard_make (self, shard->shard, ++shard->version))
        return false;
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)(shard->shard << SHARD_BITS));
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)(((shard->shard + 1) << SHARD_BITS) - 1));
    int rc;
    bool ok = true;
    while (ok && !__atomic_load_n (stop, __ATOMIC_RELAXED) &&
           (rc = sqlite3_step (statement)) == SQLITE_ROW)
        ok = message_again (self, (uint64_t)sqlite3_column_int64 (statement, 0),
                            sqlite3_column_int64 (statement, 1));
    sqlite3_reset (statement);
    feed_pages_drop (&self->feed);
    return ok && rc == SQLITE_DONE && !__atomic_load_n (stop, __ATOMIC_RELAXED) &&
           shard_optimize (self, shard) && shard_drop (self, shard->shard, before);
}

/*  The next shard of this pass that has to be seen to. False: none has.       */
static bool shard_due (index_t *self, bool idle, uint64_t *number)
{
    sqlite3_stmt *statement = self->statements[DO_SHARD_DUE];
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)(self->next >> SHARD_BITS));
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)self->pass);
    sqlite3_bind_int (statement, 3, idle);
    int rc = sqlite3_step (statement);
    if (rc == SQLITE_ROW)
        *number = (uint64_t)sqlite3_column_int64 (statement, 0);
    sqlite3_reset (statement);
    return rc == SQLITE_ROW;
}

static bool shard_see_to (index_t *self, uint64_t number, const bool *stop)
{
    shard_t *shard = &self->shard;
    if (!shard_take (self, number, false))
        return false;
    bool last = number == self->next >> SHARD_BITS;
    bool wipes = shard->dirty || shard->gone > shard->docs;
    self->truncates = self->truncates || wipes;
    if (wipes && !index_meta_put (self, "wiped", 0))
        return false;
    if (shard->docs == 0 && !last) {
        self->has_shard = self->shard_changed = false;
        sqlite3_bind_int64 (self->statements[DO_SHARD_DROP], 1, (sqlite3_int64)number);
        return shard_drop (self, number, shard->version) && index_run (self, DO_SHARD_DROP);
    }
    if (!(wipes ? shard_rewrite (self, stop) : shard_optimize (self, shard)))
        return false;
    if (wipes)
        shard->gone = shard->dirty = 0;
    shard->tidy = !last;
    self->shard_changed = true;
    return true;
}

/*  Readers that are at work may keep the WAL: then it is tried again.         */
static void wal_truncate (index_t *self)
{
    if (sqlite3_wal_checkpoint_v2 (self->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) !=
        SQLITE_OK)
        return;
    self->truncates = false;
    (void)index_meta_put (self, "wiped", 1);
}

/*  True where the shards have to be looked through, from the first.           */
static bool pass_due (index_t *self, uint64_t now_ms, bool idle)
{
    if (self->dirty && !self->dirty_ms)
        self->dirty_ms = now_ms ? now_ms : 1;
    if (self->dirty && now_ms - self->dirty_ms >= (idle ? QUIET_MS : LATEST_MS))
        return true;
    return idle && self->untidy;
}

zchat_status_t index_wipe (index_t *self, uint64_t now_ms, bool idle, const bool *stop, bool *more)
{
    uint64_t number;
    *more = true;
    if (!self->passes && pass_due (self, now_ms, idle)) {
        self->passes = true;
        self->pass = self->dirty_ms = 0;
        self->dirty = false;
        self->untidy = self->untidy && !idle;
    }
    if (!self->passes || !shard_due (self, idle, &number)) {
        self->passes = false;
        if (self->truncates)
            wal_truncate (self);
        *more = self->dirty || self->truncates || self->untidy;
        return ZCHAT_OK;
    }
    zchat_status_t status = index_begin (self);
    if (status == ZCHAT_OK && !shard_see_to (self, number, stop))
        status = __atomic_load_n (stop, __ATOMIC_RELAXED) ? ZCHAT_OK : index_failed (self, "write");
    else if (status == ZCHAT_OK)
        status = index_commit (self);
    if (self->began) {
        index_rollback (self);
        self->dirty = self->untidy = true;
    }
    self->pass = number + 1;
    return status;
}
