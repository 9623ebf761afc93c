/*  index.h - which messages hold which words: what SEARCH asks

    DIR/index.db stands beside the log and follows from it: where it is missing, damaged, of another
    log or of another version it is deleted and made anew. Nothing in it is needed to serve, and no
    commit waits for it. It is written behind the log by one thread (index_t) and read by others
    (index_reader_t, one thread each). What a search finds is read from the log, so an answer tells
    what stands there now: what was removed, edited away or trimmed is no hit, though the index may
    still have its words.

    Each private room and each mailbox has words of its own, whose names begin with its number. A
    search looks at those of the rooms that its asker may read, and its time does not depend on what
    is said in others.
*/
#ifndef ZCHAT_INDEX_H
#define ZCHAT_INDEX_H

#include "name.h"
#include "store.h"

#define INDEX_NAME "index.db" /* in the folder of the log                          */

typedef struct index index_t;
typedef struct index_reader index_reader_t;

enum {
    INDEX_SCOPES_MAX = ZCHAT_SEARCH_ROOMS + 1, /* private rooms, and the own mailbox   */
    INDEX_TICKET_SIZE = 32,                    /* characters of where to go on         */
    INDEX_FOUND_MAX = 16,                      /* places told of one hit               */
};

/*  --- questions and answers -------------------------------------------------- */

/*  Words, one behind the other; a piece of text may turn out to be several, or none. */
typedef struct {
    uint16_t at, size; /* of the query's text                                  */
    bool prefix;       /* the last of them only begins so                      */
} index_term_t;

typedef struct {
    char text[ZCHAT_QUERY_MAX];
    index_term_t terms[ZCHAT_SEARCH_WORDS]; /* all of them are in the message      */
    size_t n_terms;
    char from[NAME_KEY_MAX + 1];       /* the fold of who said it; "": anybody             */
    bool own;                          /* from is who asks                                 */
    bool link;                         /* with a link                                      */
    uint64_t after_ms, before_ms;      /* from this time on; before that. 0, UINT64_MAX: any */
    bool open;                         /* in public rooms ...                              */
    uint64_t room;                     /* ... or only in the one of this number; 0: in all */
    uint64_t scopes[INDEX_SCOPES_MAX]; /* numbers of private rooms and of the mailbox   */
    uint64_t heads[INDEX_SCOPES_MAX];  /* their last seqs                               */
    size_t n_scopes;
    size_t limit;                       /* hits at most                             */
    char ticket[INDEX_TICKET_SIZE + 1]; /* next of an earlier answer; "": the newest */
} index_query_t;

static inline frame_t index_term (const index_query_t *query, size_t i)
{
    return frame_of (query->text + query->terms[i].at, query->terms[i].size);
}

typedef struct {
    uint64_t room, seq, time_ms;
    zchat_type_t type;
    char user[ZCHAT_NAME_MAX];
    size_t user_size;
    char text[ZCHAT_SNIPPET_MAX]; /* UTF-8, around the first place                    */
    size_t text_size;
    uint16_t found[INDEX_FOUND_MAX][2]; /* places in text: begin, and how many bytes  */
    size_t n_found;
} index_hit_t;

typedef struct {
    index_hit_t *hits; /* newest first                                             */
    size_t count;
    char next[INDEX_TICKET_SIZE + 1]; /* where to go on; "": there is no more        */
    uint64_t behind;                  /* events of these rooms that are not in yet   */
    bool partial;                     /* the time was over                           */
} index_result_t;

/*  Free what is in it; tolerates NULL. Nulls.                                 */
void index_result_destroy (index_result_t **result);

/*  --- writing: all of it by one thread ---------------------------------------- */

/*  Open the index in the folder dir for the log with this id, or make it. *why: a sentence that
   says why it was made anew, which the caller frees; NULL: it was not. reader (borrowed) reads the
   log. ZCHAT_OK; or ZCHAT_SYSTEM, where *why says what is wrong.                  */
zchat_status_t index_open (const char *dir, const uint8_t log_id[ZCHAT_LOG_ID_SIZE],
                           store_reader_t *reader, index_t **index, char **why) ZCHAT_CHECKED;

/*  Close it. Nulls; tolerates NULL.                                           */
void index_destroy (index_t **index);

/*  What the log has of a room.                                                */
typedef struct {
    uint64_t room;  /* its number                                              */
    uint64_t first; /* the oldest seq stored; 0: not known                     */
    uint64_t head;  /* its last seq; 0: not known                              */
    bool made;      /* it is new, so that secret is known                      */
    bool secret;    /* it is private, or a mailbox                             */
    bool dropped;   /* it is no more                                           */
} index_news_t;

/*  Hear of a room. Nothing is read or written.                                */
void index_hear (index_t *index, const index_news_t *news);

/*  All rooms of the log were heard of: what the index has of others goes. ZCHAT_OK, ZCHAT_SYSTEM,
   or ZCHAT_CORRUPT: the index cannot be of this log, delete it.                 */
zchat_status_t index_compare (index_t *index) ZCHAT_CHECKED;

/*  Take in some more of what was heard of, in one transaction. *more: there is more to take in.
    ZCHAT_OK; ZCHAT_SYSTEM: it cannot be written, or the log not be read, now; ZCHAT_CORRUPT. */
zchat_status_t index_step (index_t *index, bool *more) ZCHAT_CHECKED;

/*  Let go of words of messages that are no more, where that is due at now_ms (monotonic); idle:
    there is nothing else to do. *more: call again soon. *stop, set by another thread, ends it
    early. Status as of index_step.                                            */
zchat_status_t index_wipe (index_t *index, uint64_t now_ms, bool idle, const bool *stop,
                           bool *more) ZCHAT_CHECKED;

/*  Events that are not in yet: of public rooms; of all.                       */
uint64_t index_behind (const index_t *index, bool all);

/*  What went wrong in the last call.                                          */
const char *index_error (const index_t *index);

/*  Delete the files of an index that nobody has open.                         */
void index_delete (const char *dir);

/*  --- reading ----------------------------------------------------------------- */

/*  A reader of the index in dir, for one thread; log (borrowed) reads the log. ZCHAT_OK;
   ZCHAT_SYSTEM: there is none.                                                             */
zchat_status_t index_reader_new (const char *dir, store_reader_t *log,
                                 index_reader_t **reader) ZCHAT_CHECKED;
void index_reader_destroy (index_reader_t **reader);

/*  Search for ZCHAT_SEARCH_MS at most. ZCHAT_OK and *result, which the caller destroys, with behind
    for the query's scopes alone; ZCHAT_MALFORMED: the ticket is none; ZCHAT_STORAGE: the log cannot
    be read; ZCHAT_CORRUPT: the index is damaged.                              */
zchat_status_t index_search (index_reader_t *reader, const index_query_t *query,
                             index_result_t **result) ZCHAT_CHECKED;

#endif
