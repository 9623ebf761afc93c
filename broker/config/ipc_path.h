/*  ipc_path.h - whether the path of an ipc endpoint may become a socket

    libzmq deletes whatever is at the path, be it the log or the socket of another broker.
*/
#ifndef ZCHAT_IPC_PATH_H
#define ZCHAT_IPC_PATH_H

#include <stdbool.h>

/*  Find out whether an endpoint may be bound: it is not ipc, or at its path there is nothing, or a
    socket that nobody serves. The files of a broker in the folder data are nobody's socket either.
   Until ipc_path_release (*lock) no other broker is told so about a path in the same folder. False
   and *why, a sentence that the caller frees: not.                                       */
bool ipc_path_take (const char *endpoint, const char *data, int *lock, char **why);

/*  After it was bound, or not. -1 is tolerated.                               */
void ipc_path_release (int lock);

#endif
