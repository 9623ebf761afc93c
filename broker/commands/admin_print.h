/*  admin_print.h - answers of the admin door as lines for people              */
#ifndef ZCHAT_ADMIN_PRINT_H
#define ZCHAT_ADMIN_PRINT_H

#include <jansson.h>

/*  Print them on standard output. What came from peers is made fit to be shown. */
void print_status (const json_t *status);
void print_rooms (const json_t *rooms);
void print_sessions (const json_t *sessions);
/*  One line for each user of the sessions.                                    */
void print_users (const json_t *sessions);
void print_reload (const json_t *said);

#endif
