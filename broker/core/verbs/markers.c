/*  markers.c - READ, UNREAD, AWAY                                              */
#include "verbs.h"

bool verb_read (const call_t *call, const view_t *view, verdict_t *verdict)
{
    (void)call;
    (void)view;
    return verdict_refuse (verdict, ZCHAT_VERB, NULL, NULL);
}

bool verb_unread (const call_t *call, const view_t *view, verdict_t *verdict)
{
    (void)call;
    (void)view;
    return verdict_refuse (verdict, ZCHAT_VERB, NULL, NULL);
}

bool verb_away (const call_t *call, const view_t *view, verdict_t *verdict)
{
    (void)call;
    (void)view;
    return verdict_refuse (verdict, ZCHAT_VERB, NULL, NULL);
}
