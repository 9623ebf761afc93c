/*  edits.c - EDIT, REACT, UNREACT: what becomes of messages that were said    */
#include "verbs.h"

bool verb_edit (const call_t *call, const view_t *view, verdict_t *verdict)
{
    (void)call;
    (void)view;
    return verdict_refuse (verdict, ZCHAT_VERB, NULL, NULL);
}

bool verb_react (const call_t *call, const view_t *view, verdict_t *verdict)
{
    (void)call;
    (void)view;
    return verdict_refuse (verdict, ZCHAT_VERB, NULL, NULL);
}
