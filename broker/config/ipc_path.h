/*  ipc_path.h - whether the path of an ipc endpoint may become a socket

    It has to be asked, because libzmq deletes whatever is at the path, be it the log or the socket
    of another broker.
*/
#ifndef ZCHAT_IPC_PATH_H
#define ZCHAT_IPC_PATH_H

#include <stdbool.h>

/*  True where an endpoint may be bound: it is not ipc; or at its path there is nothing, or a socket
    that nobody serves; and the path is not that of a broker's file in the folder data. Until
    ipc_path_release (*lock) no other broker gets this answer about a path in the same folder. False
    and *why, a sentence that the caller frees.                                */
bool ipc_path_take (const char *endpoint, const char *data, int *lock, char **why);

/*  Call it after the endpoint was bound, or was not. Tolerates -1.            */
void ipc_path_release (int lock);

#endif
