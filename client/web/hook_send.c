/*  hook_send.c - libcurl on a poll of our own                                    */
#include "hook_send.h"
#include "memory.h"
#include <curl/curl.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <utlist.h>
#include <zchat/limits.h>

enum { EVENTS = 16, FAR_MS = 60000 };

typedef struct post {
    CURL *easy;
    struct curl_slist *headers;
    void *arg;
    char text[CURL_ERROR_SIZE];
    struct post *prev, *next;
} post_t;

struct hook_send {
    CURLM *multi;
    int epoll; /* of the sockets that libcurl waits for                        */
    post_t *posts;
    void (*done) (void *arg, unsigned http, uint64_t again_s, const char *text);
};

static int on_socket (CURL *easy, curl_socket_t fd, int what, void *arg, void *context)
{
    hook_send_t *self = arg;
    struct epoll_event event = {.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) |
                                          (what & CURL_POLL_OUT ? EPOLLOUT : 0u),
                                .data.fd = fd};

    if (what == CURL_POLL_REMOVE)
        epoll_ctl (self->epoll, EPOLL_CTL_DEL, fd, NULL);
    else if (epoll_ctl (self->epoll, EPOLL_CTL_MOD, fd, &event) != 0)
        epoll_ctl (self->epoll, EPOLL_CTL_ADD, fd, &event);
    return 0;
}

hook_send_t *hook_send_new (void (*done) (void *, unsigned, uint64_t, const char *))
{
    hook_send_t *self = memory_zero (sizeof *self);

    self->done = done;
    self->multi = memory_check (curl_multi_init ());
    self->epoll = epoll_create1 (EPOLL_CLOEXEC);
    curl_multi_setopt (self->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt (self->multi, CURLMOPT_SOCKETDATA, self);
    return self;
}

static void post_destroy (hook_send_t *self, post_t *post)
{
    curl_multi_remove_handle (self->multi, post->easy);
    curl_easy_cleanup (post->easy);
    curl_slist_free_all (post->headers);
    DL_DELETE (self->posts, post);
    free (post);
}

void hook_send_destroy (hook_send_t **send)
{
    hook_send_t *self = *send;

    if (!self)
        return;
    while (self->posts)
        post_destroy (self, self->posts);
    curl_multi_cleanup (self->multi);
    close (self->epoll);
    free (self);
    *send = NULL;
}

/*  What the hook says besides its status is nobody's business.                 */
static size_t drop_body (char *bytes, size_t size, size_t count, void *arg)
{
    return size * count;
}

void hook_send_post (hook_send_t *self, const char *url, const char *const headers[],
                     const char *body, size_t size, void *arg)
{
    post_t *post = memory_zero (sizeof *post);
    CURL *easy = memory_check (curl_easy_init ());

    post->easy = easy;
    post->arg = arg;
    for (size_t i = 0; headers[i]; i++)
        post->headers = memory_check (curl_slist_append (post->headers, headers[i]));
    curl_easy_setopt (easy, CURLOPT_PRIVATE, post);
    curl_easy_setopt (easy, CURLOPT_ERRORBUFFER, post->text);
    curl_easy_setopt (easy, CURLOPT_URL, url);
    curl_easy_setopt (easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt (easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt (easy, CURLOPT_HTTPHEADER, post->headers);
    curl_easy_setopt (easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt (easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
    curl_easy_setopt (easy, CURLOPT_TIMEOUT_MS, (long)ZCHAT_WEB_HOOK_MS);
    curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt (easy, CURLOPT_WRITEFUNCTION, drop_body);
    curl_easy_setopt (easy, CURLOPT_USERAGENT, "zchat-web/" ZCHAT_VERSION);
    DL_APPEND (self->posts, post);
    curl_multi_add_handle (self->multi, easy);
}

int hook_send_fd (const hook_send_t *self)
{
    return self->epoll;
}

int hook_send_timeout (const hook_send_t *self)
{
    long wait_ms = -1;

    if (!self->posts || curl_multi_timeout (self->multi, &wait_ms) != CURLM_OK || wait_ms < 0)
        return FAR_MS;
    return wait_ms < FAR_MS ? (int)wait_ms : FAR_MS;
}

static void post_done (hook_send_t *self, post_t *post, CURLcode result)
{
    long http = 0;
    curl_off_t again_s = 0;
    void *arg = post->arg;
    char text[CURL_ERROR_SIZE];

    if (result == CURLE_OK)
        curl_easy_getinfo (post->easy, CURLINFO_RESPONSE_CODE, &http);
    curl_easy_getinfo (post->easy, CURLINFO_RETRY_AFTER, &again_s);
    snprintf (text, sizeof text, "%s", *post->text ? post->text : curl_easy_strerror (result));
    post_destroy (self, post);
    self->done (arg, (unsigned)http, again_s > 0 ? (uint64_t)again_s : 0, text);
}

void hook_send_step (hook_send_t *self)
{
    struct epoll_event events[EVENTS];
    int running, left, count = epoll_wait (self->epoll, events, EVENTS, 0);
    CURLMsg *message;

    for (int i = 0; i < count; i++) {
        uint32_t what = events[i].events;
        int mask = (what & EPOLLIN ? CURL_CSELECT_IN : 0) |
                   (what & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (what & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        curl_multi_socket_action (self->multi, events[i].data.fd, mask, &running);
    }
    curl_multi_socket_action (self->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    while ((message = curl_multi_info_read (self->multi, &left))) {
        post_t *post = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode result = message->data.result;
        curl_easy_getinfo (message->easy_handle, CURLINFO_PRIVATE, &post);
        post_done (self, post, result);
    }
}
