/*  search.c - what SEARCH finds

    Shards are looked through from the last to the first, each of them from its end in pieces of
    numbers (a window), so that where the time is over it is known how far the search came. What the
    words point to is read from the log and looked at once more.
*/
#include "index_private.h"
#include "memory.h"

#include <time.h>

enum { DEADLINE_OPS = 500, WINDOW_STEP = 3 };

struct index_reader {
    sqlite3 *db;
    token_maker_t *maker;
    store_reader_t *log; /* borrowed                                            */
    tags_t tags;
    sqlite3_stmt *doc, *seq;
    uint8_t key[TICKET_KEY_SIZE]; /* of tickets                                 */
    uint64_t deadline_ms;         /* monotonic                                  */
};

/*  One search.                                                                */
typedef struct {
    index_reader_t *reader;
    const index_query_t *query;
    match_t *match;
    char tag[TAG_SIZE + 1]; /* of from                                          */
    char *expression;       /* what FTS5 is asked                               */
    uint64_t end;           /* numbers below it are to be looked at             */
    unsigned window;        /* in pieces of 1 << window                         */
    bool moved;             /* the search has come further than where it began  */
    index_result_t *result;
} search_t;

static uint64_t mono_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool damage (int rc)
{
    int code = rc & 0xFF;
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

static int deadline_over (void *arg)
{
    const index_reader_t *reader = arg;
    return mono_ms () >= reader->deadline_ms;
}

/*  --- readers ------------------------------------------------------------------------ */

static bool key_read (index_reader_t *self)
{
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2 (self->db, "SELECT value FROM meta WHERE key = 'key'", -1,
                                  &statement, NULL) == SQLITE_OK &&
              sqlite3_step (statement) == SQLITE_ROW &&
              sqlite3_column_bytes (statement, 0) == TICKET_KEY_SIZE;
    if (ok)
        memcpy (self->key, sqlite3_column_blob (statement, 0), TICKET_KEY_SIZE);
    sqlite3_finalize (statement);
    return ok;
}

zchat_status_t index_reader_new (const char *dir, store_reader_t *log, index_reader_t **reader)
{
    index_reader_t *self = memory_zero (sizeof *self);
    char *path = memory_format ("%s/" INDEX_NAME, dir);
    self->log = log;
    int rc = sqlite3_open_v2 (path, &self->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    free (path);
    bool ok = rc == SQLITE_OK && (self->maker = token_maker_new (self->db));
    if (ok) {
        (void)sqlite3_db_config (self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void)sqlite3_db_config (self->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        sqlite3_extended_result_codes (self->db, 1);
        sqlite3_busy_timeout (self->db, ZCHAT_SEARCH_MS);
        ok = sqlite3_exec (self->db, "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY", NULL,
                           NULL, NULL) == SQLITE_OK &&
             sqlite3_prepare_v2 (self->db, "SELECT id, time FROM docs WHERE doc = ?1", -1,
                                 &self->doc, NULL) == SQLITE_OK &&
             sqlite3_prepare_v2 (self->db, "SELECT seq FROM rooms WHERE room = ?1", -1, &self->seq,
                                 NULL) == SQLITE_OK &&
             key_read (self);
    }
    if (!ok) {
        int code = self->db ? sqlite3_errcode (self->db) & 0xFF : SQLITE_NOMEM;
        index_reader_destroy (&self);
        return damage (code) || code == SQLITE_ERROR ? ZCHAT_CORRUPT : ZCHAT_SYSTEM;
    }
    sqlite3_progress_handler (self->db, DEADLINE_OPS, deadline_over, self);
    *reader = self;
    return ZCHAT_OK;
}

void index_reader_destroy (index_reader_t **reader)
{
    index_reader_t *self = *reader;
    if (!self)
        return;
    sqlite3_finalize (self->doc);
    sqlite3_finalize (self->seq);
    sqlite3_close (self->db);
    token_maker_destroy (&self->maker);
    free (self);
    *reader = NULL;
}

/*  --- what FTS5 is asked ---------------------------------------------------------------- */

/*  A string of FTS5, in which nothing is an operator.                         */
static void quoted_write (FILE *to, const char *scope, frame_t text)
{
    fprintf (to, "\"%s\n", scope);
    for (size_t i = 0; i < text.size; i++) {
        char c = ((const char *)text.data)[i];
        if (c == '"')
            fputc (c, to);
        fputc (c, to);
    }
    fputc ('"', to);
}

static void scope_write (const search_t *search, FILE *to, const char *scope)
{
    const index_query_t *query = search->query;
    const char *and = "";
    fputc ('(', to);
    for (size_t i = 0; i < query->n_terms; i++)
        if (match_has (search->match, i)) {
            fputs (and, to);
            quoted_write (to, scope, index_term (query, i));
            fputs (query->terms[i].prefix ? " *" : "", to);
            and = " AND ";
        }
    if (*search->tag) {
        fprintf (to, "%s(\"%s %s\n\"", and, scope, search->tag);
        if (query->own)
            fprintf (to, " OR \"%s " TAG_OWN "\n\"", scope);
        fputs (")", to);
        and = " AND ";
    }
    if (query->link)
        fprintf (to, "%s\"%s " TAG_LINK "\n\"", and, scope);
    if (query->open && query->room && strcmp (scope, "p") == 0)
        fprintf (to, "%s\"%s r%llu\n\"", and, scope, (unsigned long long)query->room);
    fputc (')', to);
}

static void expression_make (search_t *search)
{
    size_t size;
    FILE *to = memory_check (open_memstream (&search->expression, &size));
    char scope[TOKEN_SCOPE_MAX + 1];
    const char * or = "";
    if (search->query->open) {
        scope_write (search, to, "p");
        or = " OR ";
    }
    for (size_t i = 0; i < search->query->n_scopes; i++) {
        scope_of (search->query->scopes[i], true, scope);
        fputs (or, to);
        scope_write (search, to, scope);
        or = " OR ";
    }
    fclose (to);
    memory_check (search->expression);
}

/*  --- hits --------------------------------------------------------------------------------- */

static bool said_by (search_t *search, const event_t *event)
{
    const char *tag = tag_of_event (&search->reader->tags, event);
    return !*search->tag || strcmp (tag, search->tag) == 0 ||
           (search->query->own && strcmp (tag, TAG_OWN) == 0);
}

/*  Look at the message itself. ZCHAT_OK: it is a hit; ZCHAT_EMPTY: it is none.  */
static zchat_status_t hit_add (search_t *search, uint64_t room, uint64_t seq)
{
    const index_query_t *query = search->query;
    index_result_t *result = search->result;
    index_hit_t *hit = &result->hits[result->count];
    store_page_t *page;
    store_query_t wanted = {
        .room = room, .after = seq - 1, .limit = 1, .bytes_max = ZCHAT_HISTORY_BYTES_MAX};
    if (store_read (search->reader->log, &wanted, &page) != ZCHAT_OK)
        return ZCHAT_STORAGE;
    const event_t *event = page->count && page->events[0].seq == seq ? page->events : NULL;
    bool fits = event && event_searched (event) && event->time_ms >= query->after_ms &&
                event->time_ms < query->before_ms && said_by (search, event) &&
                (!query->link || body_has_link (event->body)) &&
                match_body (search->match, event->body, hit);
    if (fits) {
        hit->room = room;
        hit->seq = seq;
        hit->time_ms = event->time_ms;
        hit->type = event->type;
        hit->user_size = event->user.size;
        memcpy (hit->user, event->user.size ? event->user.data : "", event->user.size);
        result->count++;
    }
    store_page_destroy (&page);
    return fits ? ZCHAT_OK : ZCHAT_EMPTY;
}

/*  Where the number leads to; false: it was taken out, or is not of the time asked for. */
static bool doc_find (search_t *search, uint64_t doc, uint64_t *id)
{
    sqlite3_stmt *statement = search->reader->doc;
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)doc);
    bool found = sqlite3_step (statement) == SQLITE_ROW;
    *id = found ? (uint64_t)sqlite3_column_int64 (statement, 0) : 0;
    uint64_t time_ms = found ? (uint64_t)sqlite3_column_int64 (statement, 1) : 0;
    sqlite3_reset (statement);
    return found && time_ms >= search->query->after_ms && time_ms < search->query->before_ms;
}

/*  --- shards -----------------------------------------------------------------------------------
 */

/*  made: it is a statement of ours that was refused, so the tables are not ours. What FTS5 says of
   a query is no such thing: nobody's query may have the index made anew.       */
static zchat_status_t refused (const search_t *search, bool made)
{
    int code = sqlite3_errcode (search->reader->db) & 0xFF;
    if (code == SQLITE_INTERRUPT) {
        search->result->partial = true;
        return ZCHAT_OK;
    }
    return damage (code) || (made && code == SQLITE_ERROR) ? ZCHAT_CORRUPT : ZCHAT_STORAGE;
}

static bool enough (const search_t *search)
{
    return search->result->partial || search->result->count == search->query->limit;
}

/*  Look at what the words of one window point to.                             */
static zchat_status_t window_search (search_t *search, sqlite3_stmt *statement, uint64_t from)
{
    int rc = SQLITE_ROW;
    sqlite3_bind_text (statement, 1, search->expression, -1, SQLITE_STATIC);
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)from);
    sqlite3_bind_int64 (statement, 3, (sqlite3_int64)search->end - 1);
    while (!enough (search) && (rc = sqlite3_step (statement)) == SQLITE_ROW) {
        uint64_t id, doc = (uint64_t)sqlite3_column_int64 (statement, 0);
        zchat_status_t status = doc_find (search, doc, &id)
                                    ? hit_add (search, id >> SEQ_BITS, id & ZCHAT_SEQ_MAX)
                                    : ZCHAT_EMPTY;
        if (status != ZCHAT_OK && status != ZCHAT_EMPTY) {
            sqlite3_reset (statement);
            return status;
        }
        search->end = doc;
        search->moved = true;
        search->result->partial = !enough (search) && deadline_over (search->reader);
    }
    sqlite3_reset (statement);
    if (rc == SQLITE_DONE) {
        search->end = from;
        search->moved = true;
    }
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? ZCHAT_OK : refused (search, false);
}

static zchat_status_t shard_search (search_t *search, uint64_t shard, uint64_t version)
{
    char table[TABLE_NAME_MAX], sql[3 * TABLE_NAME_MAX + 160];
    uint64_t first = shard << SHARD_BITS;
    sqlite3_stmt *statement = NULL;
    shard_table (shard, version, table);
    snprintf (sql, sizeof sql,
              "SELECT rowid FROM %s WHERE %s MATCH ?1 AND rowid BETWEEN ?2 AND ?3"
              " ORDER BY rowid DESC",
              table, table);
    if (sqlite3_prepare_v2 (search->reader->db, sql, -1, &statement, NULL) != SQLITE_OK)
        return refused (search, true);
    uint64_t behind = (shard + 1) << SHARD_BITS;
    search->end = behind < search->end ? behind : search->end;
    zchat_status_t status = ZCHAT_OK;
    while (status == ZCHAT_OK && search->end > first && !enough (search)) {
        uint64_t size = UINT64_C (1) << search->window;
        uint64_t from = search->end - first > size ? search->end - size : first;
        status = window_search (search, statement, from);
    }
    sqlite3_finalize (statement);
    return status;
}

static zchat_status_t shards_search (search_t *search)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2 (search->reader->db,
                            "SELECT shard, version FROM shards WHERE shard <= ?1 AND docs"
                            " AND newest >= ?2 AND oldest < ?3 ORDER BY shard DESC",
                            -1, &statement, NULL) != SQLITE_OK)
        return refused (search, true);
    const index_query_t *query = search->query;
    uint64_t before = query->before_ms < INT64_MAX ? query->before_ms : INT64_MAX;
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)((search->end - 1) >> SHARD_BITS));
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)query->after_ms);
    sqlite3_bind_int64 (statement, 3, (sqlite3_int64)before);
    zchat_status_t status = ZCHAT_OK;
    int rc = SQLITE_DONE;
    while (status == ZCHAT_OK && !enough (search) && (rc = sqlite3_step (statement)) == SQLITE_ROW)
        status = shard_search (search, (uint64_t)sqlite3_column_int64 (statement, 0),
                               (uint64_t)sqlite3_column_int64 (statement, 1));
    sqlite3_finalize (statement);
    if (status == ZCHAT_OK && rc != SQLITE_ROW && rc != SQLITE_DONE)
        status = refused (search, false);
    return status;
}

/*  Where nothing at all was reached, the next part is looked at in smaller pieces, so that whoever
    goes on gets on.                                                           */
static void next_write (const search_t *search)
{
    unsigned window = SHARD_BITS;
    if (!search->moved)
        window = search->window > WINDOW_STEP ? search->window - WINDOW_STEP : 0;
    if (enough (search))
        ticket_write (search->reader->key, search->end, window, search->result->next);
}

/*  What the rooms of their own have said that is not in.                      */
static void behind_add (search_t *search)
{
    const index_query_t *query = search->query;
    sqlite3_stmt *statement = search->reader->seq;
    for (size_t i = 0; i < query->n_scopes; i++) {
        sqlite3_bind_int64 (statement, 1, (sqlite3_int64)query->scopes[i]);
        int rc = sqlite3_step (statement);
        uint64_t seq = rc == SQLITE_ROW ? (uint64_t)sqlite3_column_int64 (statement, 0) : 0;
        sqlite3_reset (statement);
        if (rc == SQLITE_ROW || rc == SQLITE_DONE)
            search->result->behind += query->heads[i] > seq ? query->heads[i] - seq : 0;
    }
}

zchat_status_t index_search (index_reader_t *self, const index_query_t *query,
                             index_result_t **result)
{
    search_t search = {
        .reader = self, .query = query, .end = UINT64_C (1) << 56, .window = SHARD_BITS};
    if (*query->ticket && !ticket_read (self->key, query->ticket, &search.end, &search.window))
        return ZCHAT_MALFORMED;
    if (*query->from)
        tag_of_fold (query->from, search.tag);
    search.result = memory_zero (sizeof *search.result);
    search.result->hits = memory_zero ((query->limit + 1) * sizeof *search.result->hits);
    search.match = match_new (self->maker, query);
    self->deadline_ms = mono_ms () + ZCHAT_SEARCH_MS;
    zchat_status_t status = ZCHAT_OK;
    if (sqlite3_exec (self->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        status = refused (&search, false);
    behind_add (&search);
    if (status == ZCHAT_OK && search.end > 1 && (match_any (search.match) || *search.tag)) {
        expression_make (&search);
        if (search.query->open || search.query->n_scopes)
            status = shards_search (&search);
        next_write (&search);
    }
    self->deadline_ms = UINT64_MAX;
    if (!sqlite3_get_autocommit (self->db))
        (void)sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
    free (search.expression);
    match_destroy (&search.match);
    if (status == ZCHAT_OK)
        *result = search.result;
    else
        index_result_destroy (&search.result);
    return status;
}
