/*  admin_path.h - where the admin door of a data folder is

    The path of a folder may be longer than the address of a socket can be (107 bytes). So the
   socket is reached through the folder's descriptor.
*/
#ifndef ZCHAT_ADMIN_PATH_H
#define ZCHAT_ADMIN_PATH_H

#define ADMIN_SOCKET "admin.sock" /* its name in the data folder                 */

enum { ADMIN_PATH_MAX = 48 }; /* bytes                                           */

/*  Open the folder. -1: errno says why. The caller closes it, after all that uses the paths. */
int admin_folder (const char *data);

/*  Write the socket's path, which is good while the descriptor is open.       */
void admin_path (int folder, char path[ADMIN_PATH_MAX]);

#endif
