/*  options_private.h - what the files options*.c share */
#ifndef ZCHAT_CLI_OPTIONS_PRIVATE_H
#define ZCHAT_CLI_OPTIONS_PRIVATE_H

#include "options.h"

/*  Say in options->why what is wrong. Arguments may come from a script that got them from a
    peer, so they are made fit to be shown like everything else. Returns ZCHAT_INVALID. */
zchat_status_t options_fail (options_t *options, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/*  Check a value and take it in. ZCHAT_OK, or ZCHAT_INVALID with options->why. origin: the flag
    or variable that gave the value; name: of an option, without the dashes.   */
zchat_status_t options_set_endpoint (options_t *options, const char *text, const char *origin);
zchat_status_t options_set_nick (options_t *options, const char *text, const char *origin);
zchat_status_t options_set_to (options_t *options, const char *text);
zchat_status_t options_add_room (options_t *options, const char *text);
zchat_status_t options_set_timeout (options_t *options, const char *text);
zchat_status_t options_set_log (options_t *options, const char *text);
/*  Take a seq or a time (since.h), whichever it is; the other of the two becomes 0. */
zchat_status_t options_set_place (options_t *options, const char *name, const char *text,
                                  uint64_t min, uint64_t *seq, uint64_t *time_ms);
zchat_status_t options_set_number (options_t *options, const char *name, const char *text,
                                   uint64_t min, uint64_t *number);

/*  Take what zchat purge is given: names or rooms, and a PATTERN or none. Something must say
    which of them are meant.                                                   */
zchat_status_t options_set_purge (options_t *options, char **words, int n);

/*  Compose the name into NFC. Returns text, or a composed copy among the options' own. Where all
    copies are in use it returns text, because the broker composes names too.  */
const char *options_name (options_t *options, const char *text);

#endif
