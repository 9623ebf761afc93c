/*  options_private.h - what the files options*.c share */
#ifndef ZCHAT_CLI_OPTIONS_PRIVATE_H
#define ZCHAT_CLI_OPTIONS_PRIVATE_H

#include "options.h"

/*  Say in options->why what is wrong. Arguments may come from a script that got them from a
    peer, so they are made fit to be shown like everything else. Returns ZCHAT_INVALID. */
zchat_status_t options_fail (options_t *options, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/*  Check a value and take it in. ZCHAT_OK, or ZCHAT_INVALID with options->why. origin: what the
    value was given with; name: an option's, without the dashes.               */
zchat_status_t options_set_endpoint (options_t *options, const char *text, const char *origin);
zchat_status_t options_set_nick (options_t *options, const char *text, const char *origin);
zchat_status_t options_set_to (options_t *options, const char *text);
zchat_status_t options_add_room (options_t *options, const char *text);
zchat_status_t options_set_timeout (options_t *options, const char *text);
zchat_status_t options_set_log (options_t *options, const char *text);
/*  A seq, or a time (since.h): the other one of the two becomes 0.            */
zchat_status_t options_set_place (options_t *options, const char *name, const char *text,
                                  uint64_t min, uint64_t *seq, uint64_t *time_ms);
zchat_status_t options_set_number (options_t *options, const char *name, const char *text,
                                   uint64_t min, uint64_t *number);

/*  What zchat purge is given: names, and a PATTERN or not. Whether something says which of them. */
zchat_status_t options_set_purge (options_t *options, char **words, int n);

/*  The name in NFC: text, or a copy among the options'; text where there is no room for one, as the
    broker composes names too.                                                 */
const char *options_name (options_t *options, const char *text);

#endif
