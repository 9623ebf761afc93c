/*  journal.c - longer lines of the log file: the core's decisions, tokens, connections */
#include "journal.h"
#include "log/log.h"
#include "transport/router.h"
#include <inttypes.h>
#include <stdio.h>
#include <zmq.h>

/*  The event, and what the note's text is called in it.                       */
static const struct {
    const char *event;
    const char *text;
} events[] = {
    [CORE_NOTE_HELLO] = {"hello", "agent"},    [CORE_NOTE_RESUME] = {"resume", "agent"},
    [CORE_NOTE_BYE] = {"bye", "text"},         [CORE_NOTE_LOST] = {"lost", "text"},
    [CORE_NOTE_JOIN] = {"join", "text"},       [CORE_NOTE_LEAVE] = {"leave", "reason"},
    [CORE_NOTE_CLAIM] = {"claim", "text"},     [CORE_NOTE_KEYS] = {"keys", "of"},
    [CORE_NOTE_YIELD] = {"yield", "of"},       [CORE_NOTE_MODE] = {"mode", "text"},
    [CORE_NOTE_REFUSED] = {"refused", "text"},
};

void journal_core (const core_note_t *note, const char *key, const char *address, uint64_t mono_ms)
{
    bool refused = note->kind == CORE_NOTE_REFUSED;
    if (refused && !log_admit (mono_ms))
        return;
    log_field_t fields[] = {
        {"user", note->user},
        {"room", note->room},
        {"verb", frame_str (note->verb ? note->verb : "")},
        {"code", frame_str (refused ? zchat_status_code (note->status) : "")},
        {events[note->kind].text, note->text},
        {"key", frame_str (key ? key : "")},
        {"address", frame_str (address ? address : "")},
        {NULL},
    };
    log_write (refused ? LEVEL_WARNING : LEVEL_INFO, events[note->kind].event, fields);
}

void journal_tokens (const tokens_news_t *news, const char *path)
{
    char count[24], bad[24], line[24];
    snprintf (count, sizeof count, "%zu", news->count);
    log_write (LEVEL_INFO, "tokens",
               (log_field_t[]){{"count", frame_str (count)}, {"file", frame_str (path)}, {NULL}});
    if (news->error)
        log_write (
            LEVEL_WARNING, "tokens-not-read",
            (log_field_t[]){{"file", frame_str (path)},
                            {"text", frame_str (news->why ? news->why : strerror (news->error))},
                            {"remedy", frame_str ("restore it, or write it with zchatd token; no "
                                                  "token is right meanwhile, no name is free")},
                            {NULL}});
    else if (news->bad) {
        snprintf (bad, sizeof bad, "%zu", news->bad);
        snprintf (line, sizeof line, "%zu", news->bad_line);
        log_write (LEVEL_WARNING, "tokens-bad-lines",
                   (log_field_t[]){{"count", frame_str (bad)},
                                   {"file", frame_str (path)},
                                   {"line", frame_str (line)},
                                   {"text", frame_str (news->why)},
                                   {NULL}});
    }
}

void journal_dropped (uint64_t count)
{
    char text[24];
    snprintf (text, sizeof text, "%" PRIu64, count);
    log_write (LEVEL_WARNING, "replies-dropped",
               (log_field_t[]){{"count", frame_str (text)},
                               {"text", frame_str ("a client does not read its replies")},
                               {NULL}});
}

void journal_unaccepted (uint64_t tries)
{
    char text[24];
    snprintf (text, sizeof text, "%" PRIu64, tries);
    log_write (LEVEL_ERROR, "connection-not-accepted",
               (log_field_t[]){
                   {"tries", frame_str (text)},
                   {"text", frame_str ("out of file descriptors; raise the limit (ulimit -n)")},
                   {NULL}});
}

void journal_stopped (const counters_t *counters)
{
    char told[24], refused[24], commits[24], failed[24];
    snprintf (told, sizeof told, "%" PRIu64, counters->events);
    snprintf (refused, sizeof refused, "%" PRIu64, counters_refused (counters));
    snprintf (commits, sizeof commits, "%" PRIu64, counters->commits);
    snprintf (failed, sizeof failed, "%" PRIu64, counters->commits_failed);
    log_write (LEVEL_INFO, "stopped",
               (log_field_t[]){{"events", frame_str (told)},
                               {"refused", frame_str (refused)},
                               {"commits", frame_str (commits)},
                               {"commits-failed", frame_str (failed)},
                               {NULL}});
}

void journal_ended_badly (void)
{
    log_write (LEVEL_WARNING, "last-run-ended",
               (log_field_t[]){
                   {"text", frame_str ("not in order: it was killed, the machine stopped, or it "
                                       "ended itself, which standard error or the service "
                                       "manager's journal tells; nothing acknowledged is lost")},
                   {NULL}});
}

void journal_libzmq (void)
{
    char version[48];
    int major, minor, patch;
    bool guarded;
    zmq_version (&major, &minor, &patch);
    snprintf (version, sizeof version, "%d.%d.%d", major, minor, patch);
    const char *ids = !router_guarded (&guarded) ? "unknown" : guarded ? "guarded" : "unguarded";
    log_write (LEVEL_INFO, "libzmq",
               (log_field_t[]){
                   {"version", frame_str (version)}, {"routing-ids", frame_str (ids)}, {NULL}});
}

void journal_disk (bool low, uint64_t free_bytes)
{
    char text[24];
    snprintf (text, sizeof text, "%" PRIu64, free_bytes);
    log_write (low ? LEVEL_WARNING : LEVEL_INFO, low ? "disk-low" : "disk-no-longer-low",
               (log_field_t[]){{"free", frame_str (text)},
                               {"text", frame_str (low ? "bytes of the log's disk; when it is full "
                                                         "nothing is stored: make space, or let "
                                                         "--retain forget more"
                                                       : "")},
                               {NULL}});
}
