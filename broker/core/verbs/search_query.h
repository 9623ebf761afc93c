/*  search_query.h - what somebody wrote to search for                          */
#ifndef ZCHAT_SEARCH_QUERY_H
#define ZCHAT_SEARCH_QUERY_H

#include "frame.h"
#include <stdbool.h>
#include <stdint.h>
#include <zchat/limits.h>
#include <zchat/status.h>

/*  The frames view the query.                                                 */
typedef struct {
    struct {
        frame_t text;
        bool prefix; /* what begins so                                         */
    } terms[ZCHAT_SEARCH_WORDS];
    size_t n_terms;
    frame_t from, in; /* names as they were written; empty: none    */
    uint64_t after_ms,
        before_ms; /* Unix time: from the one on, before the other; 0, UINT64_MAX: any */
    bool link;
} search_query_t;

/*  Take a query apart, which is UTF-8 of any size. ZCHAT_OK; ZCHAT_MALFORMED with *why, a static
    sentence; or ZCHAT_LIMIT: there are more than ZCHAT_SEARCH_WORDS terms.    */
zchat_status_t search_query_read (frame_t text, search_query_t *query,
                                  const char **why) ZCHAT_CHECKED;

#endif
