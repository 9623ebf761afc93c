/*  sqlite_check_markers.c - verifying a log: what was read, and who was mentioned  */
#include "sqlite_check.h"

#include <stdio.h>

/*  Say how many rows the query finds, where it finds any. It answers a number.  */
static void rows_count (check_t *check, const char *what, const char *query)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2 (check->db, query, -1, &statement, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step (statement);
    if (rc != SQLITE_ROW)
        sqlite_check_say (check, "%s: cannot be read: %s", what, sqlite3_errmsg (check->db));
    else if (sqlite3_column_int64 (statement, 0) > 0)
        sqlite_check_say (check, "%s: %lld", what, (long long)sqlite3_column_int64 (statement, 0));
    sqlite3_finalize (statement);
}

void sqlite_check_markers (check_t *check)
{
    rows_count (check, "markers that make no sense (owner, room or seq)",
                "SELECT count (*) FROM markers WHERE typeof (owner) <> 'integer' OR owner < 1"
                " OR typeof (seq) <> 'integer' OR seq < 1"
                " OR seq > coalesce ((SELECT head FROM rooms WHERE id = room), 0)");
    rows_count (check, "mentions that make no sense (owner, room or seq)",
                "SELECT count (*) FROM mentions WHERE typeof (owner) <> 'integer' OR owner < 1"
                " OR typeof (at) <> 'integer' OR at < 1 OR typeof (seq) <> 'integer' OR seq < 1"
                " OR seq > coalesce ((SELECT head FROM rooms WHERE id = room), 0)");
    rows_count (check, "mentions of messages that were read",
                "SELECT count (*) FROM mentions WHERE seq <= (SELECT seq FROM markers"
                " WHERE markers.owner = mentions.owner AND markers.room = mentions.room)");
    char query[160];
    snprintf (query, sizeof query,
              "SELECT count (*) FROM (SELECT owner FROM mentions GROUP BY owner"
              " HAVING count (*) > %d)",
              (int)ZCHAT_MENTIONS_KEPT);
    rows_count (check, "owners with more mentions than are kept", query);
}
