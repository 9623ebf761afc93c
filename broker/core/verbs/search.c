/*  search.c - SEARCH                                                           */
#include "verbs.h"

bool verb_search (const call_t *call, const view_t *view, verdict_t *verdict)
{
    (void)call;
    (void)view;
    return verdict_refuse (verdict, ZCHAT_VERB, NULL, NULL);
}
