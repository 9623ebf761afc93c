/*  main.c - zchatd                                                            */
#include "commands/admin_command.h"
#include "commands/export_command.h"
#include "commands/forget_command.h"
#include "commands/import_command.h"
#include "commands/maintenance.h"
#include "commands/names_command.h"
#include "commands/token_command.h"
#include "run/broker.h"
#include "run/process.h"

int main (int argc, char **argv)
{
    process_streams ();
    if (maintenance_asked (argc, argv))
        return maintenance_run (argc, argv);
    if (admin_asked (argc, argv))
        return admin_run (argc, argv);
    if (export_asked (argc, argv))
        return export_run (argc, argv);
    if (import_asked (argc, argv))
        return import_run (argc, argv);
    if (forget_asked (argc, argv))
        return forget_run (argc, argv);
    if (token_asked (argc, argv))
        return token_run (argc, argv);
    if (names_asked (argc, argv))
        return names_run (argc, argv);
    options_t options;
    int status = options_read (&options, argc, argv);
    if (status < 0) {
        log_setup (options.log_level, options.log_json);
        log_begin ();
        status = broker_run (&options);
        log_end ();
    }
    options_free (&options);
    return status;
}
