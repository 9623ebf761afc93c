/*  descriptor.c - what the kernel tells of libzmq's descriptors               */
#include "descriptor.h"
#include <linux/filter.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

uint64_t descriptor_socket (int fd)
{
    struct stat status;
    return fd >= 0 && fstat (fd, &status) == 0 && S_ISSOCK (status.st_mode) ? status.st_ino : 0;
}

void descriptor_address (int fd, char text[ORIGIN_TEXT_MAX + 1])
{
    struct sockaddr_storage peer = {0};
    socklen_t size = sizeof peer;
    struct ucred user;
    socklen_t user_size = sizeof user;
    *text = '\0';
    if (getpeername (fd, (struct sockaddr *)&peer, &size) != 0)
        return;
    if (peer.ss_family == AF_UNIX) {
        if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &user, &user_size) == 0)
            snprintf (text, ORIGIN_TEXT_MAX + 1, ":%u:%u:%d", user.uid, user.gid, (int)user.pid);
    } else if ((peer.ss_family != AF_INET && peer.ss_family != AF_INET6) ||
               getnameinfo ((struct sockaddr *)&peer, size, text, ORIGIN_TEXT_MAX + 1, NULL, 0,
                            NI_NUMERICHOST) != 0)
        *text = '\0';
}

void descriptor_shut (int fd, uint64_t socket)
{
    if (socket && descriptor_socket (fd) == socket)
        shutdown (fd, SHUT_RDWR);
}

void descriptor_deafen (int fd, uint64_t socket)
{
    struct sock_filter drop = BPF_STMT (BPF_RET | BPF_K, 0);
    struct sock_fprog program = {.len = 1, .filter = &drop};
    if (socket && descriptor_socket (fd) == socket)
        setsockopt (fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

size_t descriptor_listens (int fd, char text[DESCRIPTOR_LISTENS_MAX + 1])
{
    struct sockaddr_storage here = {0};
    socklen_t size = sizeof here;
    int listens = 0;
    socklen_t int_size = sizeof listens;
    char host[ORIGIN_TEXT_MAX + 1];
    char port[8];
    if (getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &int_size) != 0 || !listens ||
        getsockname (fd, (struct sockaddr *)&here, &size) != 0 ||
        (here.ss_family != AF_INET && here.ss_family != AF_INET6) ||
        getnameinfo ((struct sockaddr *)&here, size, host, sizeof host, port, sizeof port,
                     NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return 0;
    return (size_t)snprintf (text, DESCRIPTOR_LISTENS_MAX + 1,
                             here.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

enum { GREETING = 64, ESTABLISHED = 1 }; /* bytes of ZMTP's; a state of TCP's         */

/*  False where the kernel tells less than the first so many bytes of it.      */
static bool tcp_info (int fd, struct tcp_info *info, size_t needed)
{
    socklen_t size = sizeof *info;
    return getsockopt (fd, IPPROTO_TCP, TCP_INFO, info, &size) == 0 && size >= needed;
}

bool descriptor_received (int fd, uint64_t *bytes)
{
    struct tcp_info info;
    if (!tcp_info (fd, &info,
                   offsetof (struct tcp_info, tcpi_bytes_received) +
                       sizeof info.tcpi_bytes_received))
        return false;
    *bytes = info.tcpi_bytes_received;
    return true;
}

bool descriptor_let_in (int fd)
{
    struct tcp_info info;
    return tcp_info (fd, &info,
                     offsetof (struct tcp_info, tcpi_bytes_sent) + sizeof info.tcpi_bytes_sent) &&
           info.tcpi_bytes_sent > GREETING;
}

bool descriptor_ended (int fd)
{
    struct tcp_info info;
    return tcp_info (fd, &info, sizeof info.tcpi_state) && info.tcpi_state != ESTABLISHED;
}
