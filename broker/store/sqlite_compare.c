/*  sqlite_compare.c - whether a log holds what a zchatd makes, and nothing else

    Whoever could write the file once may have left something in it that acts later: a view in the
    place of a table makes up messages or computes for ever, a trigger changes what is written, a
    generated column or an index over an expression computes when it is checked. So the schema is
    compared word by word with the one that the steps to its version make.
*/
#include "sqlite.h"

#include <stdio.h>
#include <string.h>

void sqlite_schema_harden (sqlite3 *db)
{
    (void)sqlite3_db_config (db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config (db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config (db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    (void)sqlite3_db_config (db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
}

const char *sqlite_difference_text (const sqlite_difference_t *difference)
{
    static const char *const texts[] = {[SCHEMA_SAME] = "is as made, with",
                                        [SCHEMA_LACKS] = "lacks",
                                        [SCHEMA_HOLDS] = "holds, though no zchatd makes it,",
                                        [SCHEMA_CHANGED] = "has another form of"};
    return texts[difference->kind];
}

/*  What ANALYZE makes is passed over: a person may have run it. So are the two tables of
   Litestream, which keeps copies of the log by its WAL, in the words in which it makes them: they
   are read by nobody here.                                                               */
static const char entries_sql[] =
    "SELECT name, type, tbl_name, sql FROM sqlite_schema WHERE NOT (type = 'table' AND"
    " coalesce (sql, '') IN ('CREATE TABLE sqlite_stat1(tbl,idx,stat)',"
    " 'CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)',"
    " 'CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)',"
    " 'CREATE TABLE _litestream_lock (id INTEGER)')) ORDER BY name, type";

static const char *entry_text (sqlite3_stmt *entries, int column)
{
    const char *text = (const char *)sqlite3_column_text (entries, column);
    return text ? text : "";
}

/*  How two entries are in order: 0: the same in all columns; *same_name: in the first. */
static int entries_order (sqlite3_stmt *found, sqlite3_stmt *made, bool *same_name)
{
    int order = 0;
    *same_name = false;
    for (int column = 0; column < 4 && !order; column++) {
        order = strcmp (entry_text (found, column), entry_text (made, column));
        *same_name = *same_name || order == 0;
    }
    return order;
}

/*  Compare two lists of entries up to the first that may act, or to their ends, or to an error. */
static void entries_compare (sqlite3_stmt *found, sqlite3_stmt *made,
                             sqlite_difference_t *difference)
{
    bool is = sqlite3_step (found) == SQLITE_ROW, was = sqlite3_step (made) == SQLITE_ROW;
    while ((is || was) && difference->kind < SCHEMA_HOLDS) {
        bool same_name = false;
        int order = !is ? 1 : !was ? -1 : entries_order (found, made, &same_name);
        if (order && (order < 0 || same_name || difference->kind == SCHEMA_SAME)) {
            difference->kind = same_name ? SCHEMA_CHANGED : order < 0 ? SCHEMA_HOLDS : SCHEMA_LACKS;
            snprintf (difference->name, sizeof difference->name, "%s",
                      entry_text (order < 0 ? found : made, 0));
        }
        if (order <= 0)
            is = sqlite3_step (found) == SQLITE_ROW;
        if (order >= 0)
            was = sqlite3_step (made) == SQLITE_ROW;
    }
}

zchat_status_t sqlite_schema_compare (sqlite3 *db, const char *path, sqlite3_int64 version,
                                      sqlite_difference_t *difference, char **why)
{
    sqlite3 *model = NULL;
    sqlite3_stmt *found = NULL, *made = NULL;
    zchat_status_t status = ZCHAT_OK;
    *difference = (sqlite_difference_t){0};
    if (sqlite3_open_v2 (":memory:", &model, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        !sqlite_schema_make (model, 0, version) ||
        sqlite3_prepare_v2 (model, entries_sql, -1, &made, NULL) != SQLITE_OK) {
        sqlite_explain (why, "%s cannot be looked at: out of memory; free some", path);
        status = ZCHAT_SYSTEM;
        goto out;
    }
    bool read = sqlite3_prepare_v2 (db, entries_sql, -1, &found, NULL) == SQLITE_OK;
    if (read)
        entries_compare (found, made, difference);
    if (sqlite3_finalize (found) != SQLITE_OK || !read) {
        *difference = (sqlite_difference_t){0};
        status = sqlite_schema_refused (db, path, why);
    }
out:
    sqlite3_finalize (made);
    sqlite3_close (model);
    return status;
}
