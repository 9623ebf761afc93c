/*  shard.c - the tables of words, 65,536 messages each                         */
#include "index_private.h"
#include "memory.h"

enum { HEAD_MAX = TOKEN_SCOPE_MAX + 3 * (TOKEN_TAG_MAX + 1) + 2 };

void shard_table (uint64_t shard, uint64_t version, char table[TABLE_NAME_MAX])
{
    snprintf (table, TABLE_NAME_MAX, "words_%llu_%llu", (unsigned long long)shard,
              (unsigned long long)version);
}

/*  Words alone, with their places for phrases: texts are in the log, and how long they are nobody
    asks.                                                                      */
bool shard_make (index_t *self, uint64_t shard, uint64_t version)
{
    char table[TABLE_NAME_MAX], sql[4 * TABLE_NAME_MAX + 200];
    shard_table (shard, version, table);
    snprintf (sql, sizeof sql,
              "CREATE VIRTUAL TABLE %s USING fts5 (text, content = '', columnsize = 0,"
              " tokenize = 'zchat'); INSERT INTO %s (%s, rank) VALUES ('hashsize', 4194304)",
              table, table, table);
    return sqlite3_exec (self->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

bool shard_drop (index_t *self, uint64_t shard, uint64_t version)
{
    char table[TABLE_NAME_MAX], sql[TABLE_NAME_MAX + 32];
    shard_table (shard, version, table);
    snprintf (sql, sizeof sql, "DROP TABLE %s", table);
    sqlite3_finalize (self->insert);
    self->insert = NULL;
    return sqlite3_exec (self->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

bool shard_keep (index_t *self)
{
    const shard_t *shard = &self->shard;
    sqlite3_stmt *statement = self->statements[DO_SHARD_PUT];
    if (!self->has_shard || !self->shard_changed)
        return true;
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)shard->shard);
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)shard->version);
    sqlite3_bind_int64 (statement, 3, (sqlite3_int64)shard->docs);
    sqlite3_bind_int64 (statement, 4, (sqlite3_int64)shard->gone);
    sqlite3_bind_int64 (statement, 5, (sqlite3_int64)shard->dirty);
    sqlite3_bind_int64 (statement, 6, (sqlite3_int64)shard->tidy);
    sqlite3_bind_int64 (statement, 7, (sqlite3_int64)shard->oldest_ms);
    sqlite3_bind_int64 (statement, 8, (sqlite3_int64)shard->newest_ms);
    self->shard_changed = false;
    return index_run (self, DO_SHARD_PUT);
}

static bool shard_add (index_t *self, uint64_t number)
{
    sqlite3_stmt *statement = self->statements[DO_SHARD_ADD];
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)number);
    sqlite3_bind_int64 (statement, 2, 1);
    sqlite3_bind_int64 (statement, 3, INT64_MAX);
    self->shard = (shard_t){.shard = number, .version = 1, .oldest_ms = INT64_MAX};
    self->has_shard = true;
    self->untidy = true; /* the one before is complete                         */
    return shard_make (self, number, 1) && index_run (self, DO_SHARD_ADD);
}

bool shard_take (index_t *self, uint64_t number, bool make)
{
    sqlite3_stmt *statement = self->statements[DO_SHARD];
    if (self->has_shard && self->shard.shard == number)
        return true;
    if (!shard_keep (self))
        return false;
    self->has_shard = false;
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)number);
    int rc = sqlite3_step (statement);
    if (rc == SQLITE_ROW) {
        uint64_t values[7];
        for (int i = 0; i < 7; i++)
            values[i] = (uint64_t)sqlite3_column_int64 (statement, i);
        self->shard = (shard_t){number,    values[0], values[1], values[2],
                                values[3], values[4], values[5], values[6]};
        self->has_shard = true;
    }
    sqlite3_reset (statement);
    return rc == SQLITE_ROW || (rc == SQLITE_DONE && make && shard_add (self, number));
}

static sqlite3_stmt *insert_of (index_t *self)
{
    char table[TABLE_NAME_MAX], sql[TABLE_NAME_MAX + 64];
    if (self->insert && self->insert_shard == self->shard.shard &&
        self->insert_version == self->shard.version)
        return self->insert;
    sqlite3_finalize (self->insert);
    self->insert = NULL;
    shard_table (self->shard.shard, self->shard.version, table);
    snprintf (sql, sizeof sql, "INSERT INTO %s (rowid, text) VALUES (?1, ?2)", table);
    if (sqlite3_prepare_v3 (self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &self->insert, NULL) !=
        SQLITE_OK)
        return NULL;
    self->insert_shard = self->shard.shard;
    self->insert_version = self->shard.version;
    return self->insert;
}

bool shard_insert (index_t *self, uint64_t doc, const feed_room_t *room, const event_t *event)
{
    char scope[TOKEN_SCOPE_MAX + 1];
    sqlite3_stmt *statement = insert_of (self);
    if (!statement)
        return false;
    if (self->text_capacity < event->body.size + HEAD_MAX) {
        self->text_capacity = 2 * event->body.size + HEAD_MAX;
        self->text = memory_grow (self->text, self->text_capacity);
    }
    scope_of (room->room, room->secret, scope);
    int size = snprintf (self->text, HEAD_MAX, "%s r%llu %s%s\n", scope,
                         (unsigned long long)room->room, tag_of_event (&self->tags, event),
                         body_has_link (event->body) ? " " TAG_LINK : "");
    memcpy (self->text + size, event->body.data, event->body.size);
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)doc);
    sqlite3_bind_text (statement, 2, self->text, size + (int)event->body.size, SQLITE_STATIC);
    int rc = sqlite3_step (statement);
    sqlite3_reset (statement);
    return rc == SQLITE_DONE;
}
