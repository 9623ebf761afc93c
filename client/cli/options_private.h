/*  options_private.h - what the files options*.c share */
#ifndef ZCHAT_CLI_OPTIONS_PRIVATE_H
#define ZCHAT_CLI_OPTIONS_PRIVATE_H

#include "options.h"

enum { OPTIONS_LINK_MAX = 400 }; /* bytes of what stands before the room in a permalink */

/*  Say in options->why what is wrong. Arguments may come from a script that got them from a
    peer, so they are made fit to be shown like everything else. Returns ZCHAT_INVALID. */
zchat_status_t options_fail (options_t *options, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/*  Check a value and take it in. ZCHAT_OK, or ZCHAT_INVALID with options->why. origin: the flag
    or variable that gave the value; name: of an option, without the dashes.   */
zchat_status_t options_set_endpoint (options_t *options, const char *text, const char *origin);
zchat_status_t options_set_nick (options_t *options, const char *text, const char *origin);
zchat_status_t options_set_to (options_t *options, const char *text);
zchat_status_t options_add_room (options_t *options, const char *text, const char *origin);
zchat_status_t options_set_timeout (options_t *options, const char *text);
zchat_status_t options_set_log (options_t *options, const char *text);
/*  Take a seq or a time (since.h), whichever it is; the other of the two becomes 0. */
zchat_status_t options_set_place (options_t *options, const char *name, const char *text,
                                  uint64_t min, uint64_t *seq, uint64_t *time_ms);
zchat_status_t options_set_number (options_t *options, const char *name, const char *text,
                                   uint64_t min, uint64_t *number);

/*  Take a format, and check that what goes to pipes fits together (options_pipes.c). */
zchat_status_t options_set_format (options_t *options, const char *text);
zchat_status_t options_pipes (options_t *options);

/*  Take a whole number from 1 to max.                                         */
zchat_status_t options_set_integer (options_t *options, const char *what, const char *text,
                                    uint64_t max, uint64_t *number);

/*  Take the words of zchat key: none, add KEY, remove KEY, list [NAME] or free [NAME]. */
zchat_status_t options_set_key (options_t *options, char **words, int n);

/*  Take the words of zchat edit, react, mark and search.                      */
zchat_status_t options_set_said (options_t *options, char **words, int n);

/*  Cut the room and the message off a permalink (options_link.c). Writes the endpoint without them
    to plain. False: the text is no permalink. *status is ZCHAT_INVALID where it is a bad one. */
bool options_cut_link (options_t *options, const char *text, const char *origin,
                       char plain[OPTIONS_LINK_MAX + 1], zchat_status_t *status);

/*  Let the room and the message of a permalink stand for --room and --since, where these are not
    given.                                                                     */
void options_take_link (options_t *options);

/*  Take what the config file says, for what the command line and the environment leave open: before
    the rooms are looked at (options_settings.c), and the name behind the environment's. shown: the
    path of the file.                                                          */
zchat_status_t options_settings (options_t *options, const char *shown);
zchat_status_t options_settings_nick (options_t *options, const char *shown);

/*  Keep a copy of a name for the life of the options. NULL: there is no room. */
const char *options_keep (options_t *options, const char *text, size_t size);

/*  Take what the environment says (options_environment.c).                    */
zchat_status_t options_environment (options_t *options, const char *shown);

/*  Take what zchat purge is given: names or rooms, and a PATTERN or none. Something must say
    which of them are meant.                                                   */
zchat_status_t options_set_purge (options_t *options, char **words, int n);

/*  Compose the name into NFC. Returns text, or a composed copy among the options' own. Where all
    copies are in use it returns text, because the broker composes names too.  */
const char *options_name (options_t *options, const char *text);

#endif
