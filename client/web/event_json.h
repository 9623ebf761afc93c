/*  event_json.h - an event as JSON, for streams, histories and hooks (pure)   */
#ifndef ZCHAT_WEB_EVENT_JSON_H
#define ZCHAT_WEB_EVENT_JSON_H

#include <stdbool.h>
#include <zchat/client.h>

/*  Write an event of kind MESSAGE or HISTORY as docs/HTTP.md has it. The caller frees it.
    data is in it byte for byte. log: as key `log`, or NULL.                   */
char *event_json (const zchat_event_t *event, const char *log);

/*  True for who comes and who goes: what is given only to those who ask for it. */
bool event_json_presence (zchat_type_t type);

#endif
