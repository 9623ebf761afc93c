/*  refusal.h - what is refused, as HTTP says it (pure)                        */
#ifndef ZCHAT_WEB_REFUSAL_H
#define ZCHAT_WEB_REFUSAL_H

#include <zchat/status.h>

/*  Return the HTTP status of a status that is not OK.                         */
unsigned refusal_http (zchat_status_t status);

/*  Return after how many seconds a request that was refused so is worth another try; 0: none is
    told.                                                                      */
unsigned refusal_again_s (unsigned http);

/*  Write a refusal as JSON, which the caller frees: json, of an ERR, with its further keys, or
   NULL; code and text stand in it as they are given here.                          */
char *refusal_json (const char *code, const char *text, const char *json);

#endif
