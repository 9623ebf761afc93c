/*  sqlite_load.c - what the log remembers, given to a loader                   */
#include "memory.h"
#include "sqlite.h"

/*  The messages of a room are there, from first to head and not beyond.       */
static zchat_status_t load_ends_check (sqlite_store_t *self, const store_room_t *room)
{
    sqlite3_stmt *statement = self->statements[SQL_LOAD_ENDS];
    sqlite3_bind_int64 (statement, 1, sqlite_message_id (room->id, 0));
    sqlite3_bind_int64 (statement, 2, sqlite_message_id (room->id, ZCHAT_SEQ_MAX));
    int rc = sqlite_step (self, SQL_LOAD_ENDS);
    zchat_status_t status = ZCHAT_OK;
    if (rc != SQLITE_ROW)
        status = (rc & 0xFF) == SQLITE_CORRUPT ? ZCHAT_CORRUPT : ZCHAT_SYSTEM;
    else if (room->first > room->head ? sqlite3_column_type (statement, 0) != SQLITE_NULL
                                      : sqlite3_column_int64 (statement, 0) !=
                                                sqlite_message_id (room->id, room->first) ||
                                            sqlite3_column_int64 (statement, 1) !=
                                                sqlite_message_id (room->id, room->head)) {
        sqlite_damaged (self, "its messages are not those it counts", room->id);
        status = ZCHAT_CORRUPT;
    }
    sqlite3_reset (statement);
    return status;
}

static zchat_status_t load_room (sqlite_store_t *self, const store_loader_t *loader)
{
    sqlite3_stmt *statement = self->statements[SQL_LOAD_ROOMS];
    store_room_t room;
    bool sane = sqlite_column_number (statement, 0, STORE_ROOM_MAX, &room.id);
    sane = sqlite_column_frame (statement, 1, ZCHAT_NAME_MAX, &room.name) && sane;
    sane = sqlite_column_number (statement, 2, ZCHAT_SEQ_MAX, &room.head) && sane;
    sane = sqlite_column_number (statement, 3, room.head + 1, &room.first) && sane;
    sane = sqlite_column_number (statement, 4, INT64_MAX, &room.time_ms) && sane;
    sane = sqlite_column_frame (statement, 5, ZCHAT_TOPIC_MAX, &room.topic) && sane;
    sane = sqlite_column_frame (statement, 6, ZCHAT_NAME_MAX, &room.topic_by) && sane;
    sane = sqlite_column_number (statement, 7, INT64_MAX, &room.topic_time_ms) && sane;
    bool holds = room.first <= room.head;
    bool dated = sqlite3_column_type (statement, 8) != SQLITE_NULL;
    if (!sane || room.id < 1 || room.name.size < 1 || room.first < 1 || holds != dated) {
        sqlite_damaged (self, "a room makes no sense",
                        (uint64_t)sqlite3_column_int64 (statement, 0));
        return ZCHAT_CORRUPT;
    }
    if (!sqlite_column_frame (statement, 9, STORE_CHARGE_MAX, &room.charge))
        room.charge = frame_of (NULL, 0);
    zchat_status_t status = load_ends_check (self, &room);
    return status == ZCHAT_OK ? loader->room (loader->arg, &room) : status;
}

static zchat_status_t load_fact (sqlite_store_t *self, const store_loader_t *loader)
{
    sqlite3_stmt *statement = self->statements[SQL_LOAD_FACTS];
    store_fact_t fact;
    bool sane = sqlite_column_number (statement, 0, STORE_ROOM_MAX, &fact.room);
    sane = sqlite_column_frame (statement, 1, ZCHAT_FACT_KEY_MAX, &fact.key) && sane;
    sane = sqlite_column_frame (statement, 2, ZCHAT_FACT_MAX, &fact.value) && sane;
    if (!sane || fact.key.size < 1 || fact.value.size < 1) {
        sqlite_damaged (self, "a fact makes no sense",
                        (uint64_t)sqlite3_column_int64 (statement, 0));
        return ZCHAT_CORRUPT;
    }
    if (!sqlite3_column_int (statement, 3)) {
        sqlite_damaged (self, "a fact is of a room that is not there", fact.room);
        return ZCHAT_CORRUPT;
    }
    return loader->fact (loader->arg, &fact);
}

static zchat_status_t load_producer (sqlite_store_t *self, const store_loader_t *loader)
{
    sqlite3_stmt *statement = self->statements[SQL_LOAD_PRODUCERS];
    store_producer_t producer;
    frame_t id;
    if (!sqlite_column_frame (statement, 0, ZCHAT_PRODUCER_SIZE, &id) ||
        id.size != ZCHAT_PRODUCER_SIZE ||
        !sqlite_column_number (statement, 1, INT64_MAX, &producer.n) ||
        !sqlite_column_number (statement, 2, INT64_MAX, &producer.time_ms)) {
        sqlite_damaged (self, "a producer makes no sense", 0);
        return ZCHAT_CORRUPT;
    }
    memcpy (producer.id, id.data, sizeof producer.id);
    if (!sqlite_column_frame (statement, 3, STORE_HOLDER_MAX, &producer.holder))
        producer.holder = frame_of (NULL, 0);
    return loader->producer (loader->arg, &producer);
}

static zchat_status_t load_position (sqlite_store_t *self, const store_loader_t *loader)
{
    sqlite3_stmt *statement = self->statements[SQL_LOAD_POSITION];
    uint64_t position;
    /*  NULL: there is none. Whether a batch is stored could not be told by it. */
    if (sqlite3_column_type (statement, 0) != SQLITE_INTEGER ||
        !sqlite_column_number (statement, 0, INT64_MAX, &position)) {
        sqlite_damaged (self, "its position makes no sense", 0);
        return ZCHAT_CORRUPT;
    }
    return loader->position (loader->arg, position);
}

static zchat_status_t load_all (sqlite_store_t *self, sqlite_statement_t statement,
                                const store_loader_t *loader,
                                zchat_status_t (*load) (sqlite_store_t *, const store_loader_t *))
{
    zchat_status_t status = ZCHAT_OK;
    int rc;
    while (status == ZCHAT_OK && (rc = sqlite_step (self, statement)) != SQLITE_DONE)
        if (rc == SQLITE_ROW)
            status = load (self, loader);
        else
            status = (rc & 0xFF) == SQLITE_CORRUPT ? ZCHAT_CORRUPT : ZCHAT_SYSTEM;
    sqlite3_reset (self->statements[statement]);
    return status;
}

zchat_status_t sqlite_load (store_t *store, const store_loader_t *loader)
{
    sqlite_store_t *self = (sqlite_store_t *)store;
    self->doing = "load";
    if (self->astray)
        return sqlite_astray (self);
    zchat_status_t status = load_all (self, SQL_LOAD_ROOMS, loader, load_room);
    if (status == ZCHAT_OK && loader->fact)
        status = load_all (self, SQL_LOAD_FACTS, loader, load_fact);
    if (status == ZCHAT_OK)
        status = load_all (self, SQL_LOAD_PRODUCERS, loader, load_producer);
    if (status == ZCHAT_OK && loader->marker)
        status = load_all (self, SQL_LOAD_MARKERS, loader, sqlite_marker_load);
    if (status == ZCHAT_OK && loader->position)
        status = load_all (self, SQL_LOAD_POSITION, loader, load_position);
    return status;
}

/*  A statement for a log of that version.                                     */
static const char *statement_of (int which, sqlite3_int64 version)
{
    if (which == SQL_LOAD_PRODUCERS && version < LOG_VERSION_HOLDERS)
        return "SELECT id, n, time, '' FROM producers";
    if (which == SQL_LOAD_ROOMS && version < LOG_VERSION_CHARGES)
        return "SELECT id, name, head, first, time, topic, topic_by, topic_time, oldest, ''"
               " FROM rooms ORDER BY id";
    return sqlite_statements[which];
}

zchat_status_t sqlite_load_from (sqlite3 *db, const char *path, sqlite3_int64 version,
                                 const store_loader_t *loader, const char **error)
{
    static char text[STORE_ERROR_MAX];
    store_loader_t wanted = *loader;
    sqlite_store_t *self = memory_zero (sizeof *self);
    zchat_status_t status = ZCHAT_OK;
    self->path = memory_string (path, strlen (path));
    self->db = db;
    self->doing = "load";
    if (version < LOG_VERSION_FACTS)
        wanted.fact = NULL;
    if (version < LOG_VERSION_POSITION)
        wanted.position = NULL;
    if (version < LOG_VERSION_EDITS)
        wanted.marker = NULL;
    for (int i = SQL_LOAD_ROOMS; i <= SQL_LOAD_POSITION && status == ZCHAT_OK; i++)
        if ((i != SQL_LOAD_FACTS || wanted.fact) && (i != SQL_LOAD_MARKERS || wanted.marker) &&
            sqlite3_prepare_v2 (db, statement_of (i, version), -1, &self->statements[i], NULL) !=
                SQLITE_OK) {
            sqlite_failed (self);
            status = ZCHAT_CORRUPT;
        }
    if (status == ZCHAT_OK)
        status = sqlite_load (&self->store, &wanted);
    for (int i = SQL_LOAD_ROOMS; i <= SQL_LOAD_POSITION; i++)
        sqlite3_finalize (self->statements[i]);
    snprintf (text, sizeof text, "%s", self->store.error);
    *error = text;
    free (self->path);
    free (self);
    return status;
}
