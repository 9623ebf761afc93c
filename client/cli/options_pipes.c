/*  options_pipes.c - what programs ask of zchat listen and zchat send            */
#include "i18n.h"
#include "options_private.h"
#include "template.h"

zchat_status_t options_set_format (options_t *options, const char *text)
{
    const char *why = template_wrong (text);
    if (why)
        return options_fail (options, _ ("--format: '%.100s': %s"), text, why);
    options->format = text;
    return ZCHAT_OK;
}

zchat_status_t options_pipes (options_t *options)
{
    if (options->format && options->json)
        return options_fail (options, _ ("--format and --json exclude each other"));
    if (options->skip && !options->lines)
        return options_fail (options, _ ("--skip goes with --lines"));
    if (options->mode != MODE_LISTEN)
        return ZCHAT_OK;
    if (options->all_rooms && options->n_rooms > 0)
        return options_fail (options, _ ("--all-rooms and --room exclude each other"));
    if (options->exec && !*options->exec)
        return options_fail (options, _ ("--exec: no command is given"));
    if (options->exec_max && !options->exec)
        return options_fail (options, _ ("--exec-max goes with --exec COMMAND"));
    if (options->state && !*options->state)
        return options_fail (options, _ ("--state: no file is given"));
    if (options->state && options->log)
        return options_fail (options,
                             _ ("--state and --log exclude each other: the file knows the log"));
    return ZCHAT_OK;
}
