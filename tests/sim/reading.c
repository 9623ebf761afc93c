/*  reading.c - what somebody knows who reads pages, and what became of messages */
#include "reading.h"
#include "book.h"
#include "event_codec.h"
#include "memory.h"
#include "text.h"

enum { WORDS_MAX = 3, PEOPLE_MAX = 3 };

/*  Who reacts by one word, by name: so few do that all are named.             */
typedef struct {
    char text[ZCHAT_REACTION_MAX + 1];
    char users[PEOPLE_MAX][ZCHAT_NAME_MAX + 1];
    size_t n_users;
} word_t;

typedef struct {
    uint64_t seq;
    bool gone;
    char *body;
    uint64_t at; /* all up to it is known                            */
    uint64_t edits;
    word_t words[WORDS_MAX];
    size_t n_words;
} message_t;

struct reading {
    sim_t *sim;
    size_t room;
    const char *name;
    uint64_t seq, begun;
    message_t *messages; /* ascending seq                                       */
    size_t count, capacity;
};

reading_t *reading_new (sim_t *sim, size_t room, const char *name)
{
    reading_t *self = memory_zero (sizeof *self);
    self->sim = sim;
    self->room = room;
    self->name = name;
    return self;
}

void reading_clear (reading_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        free (self->messages[i].body);
    self->count = 0;
    self->seq = 0;
}

void reading_free (reading_t **reading)
{
    reading_clear (*reading);
    free ((*reading)->messages);
    free (*reading);
    *reading = NULL;
}

uint64_t reading_seq (const reading_t *self)
{
    return self->seq;
}

static message_t *message_of (const reading_t *self, uint64_t seq)
{
    size_t low = 0, high = self->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (self->messages[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < self->count && self->messages[low].seq == seq ? &self->messages[low] : NULL;
}

/*  --- words -----------------------------------------------------------------  */

static word_t *word_of (reading_t *self, message_t *message, const char *text)
{
    size_t i = 0;
    while (i < message->n_words && strcmp (message->words[i].text, text) != 0)
        i++;
    if (i == WORDS_MAX) {
        sim_wrong (self->sim, "there are more reactions than anybody knows");
        return &message->words[0];
    }
    if (i == message->n_words) {
        message->words[i] = (word_t){.n_users = 0};
        snprintf (message->words[i].text, sizeof message->words[i].text, "%s", text);
        message->n_words++;
    }
    return &message->words[i];
}

static void word_add (reading_t *self, word_t *word, const char *user)
{
    for (size_t i = 0; i < word->n_users; i++)
        if (strcmp (word->users[i], user) == 0)
            return;
    if (word->n_users == PEOPLE_MAX)
        sim_wrong (self->sim, "more react than are there");
    else
        snprintf (word->users[word->n_users++], sizeof *word->users, "%s", user);
}

static void word_remove (word_t *word, const char *user)
{
    for (size_t i = 0; i < word->n_users; i++)
        if (strcmp (word->users[i], user) == 0) {
            memmove (word->users[i], word->users[word->n_users - 1], sizeof *word->users);
            word->n_users--;
            return;
        }
}

/*  --- events ----------------------------------------------------------------  */

static void message_add (reading_t *self, const event_t *event)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? 2 * self->capacity : 64;
        self->messages = memory_grow (self->messages, self->capacity * sizeof *self->messages);
    }
    self->messages[self->count++] =
        (message_t){.seq = event->seq,
                    .gone = event->type == ZCHAT_TYPE_GONE,
                    .body = memory_string (event->body.data, event->body.size),
                    .at = event->seq};
}

static void marks_take (reading_t *self, const json_t *data)
{
    uint64_t seq = (uint64_t)json_integer_value (json_object_get (data, "seq"));
    uint64_t at = (uint64_t)json_integer_value (json_object_get (data, "at"));
    message_t *message = seq == self->seq ? message_of (self, seq) : NULL;
    json_t *reactions = json_object_get (data, "reactions"), *reaction;
    const char *text;
    if (!message || at <= seq || message->at != seq) {
        sim_wrong (self->sim, "marks do not stand behind their message");
        return;
    }
    message->at = at;
    message->edits = (uint64_t)json_integer_value (json_object_get (data, "edits"));
    json_object_foreach (reactions, text, reaction)
    {
        word_t *word = word_of (self, message, text);
        const json_t *users = json_object_get (reaction, "users");
        bool mine = false;
        for (size_t i = 0; i < json_array_size (users); i++) {
            const char *user = json_string_value (json_array_get (users, i));
            word_add (self, word, user);
            mine = mine || strcmp (user, self->name) == 0;
        }
        if ((size_t)json_integer_value (json_object_get (reaction, "count")) != word->n_users ||
            mine != json_is_true (json_object_get (reaction, "mine")))
            sim_wrong (self->sim, "marks count wrong");
    }
}

static void change_apply (reading_t *self, const event_t *event, uint64_t of)
{
    char text[ZCHAT_REACTION_MAX + 1] = "", user[ZCHAT_NAME_MAX + 1];
    message_t *message = message_of (self, of);
    if (!message || message->gone || event->seq <= message->at)
        return;
    snprintf (user, sizeof user, "%.*s", (int)event->user.size, (const char *)event->user.data);
    if (event->type == ZCHAT_TYPE_REMOVE)
        message->gone = true;
    else if (event->type == ZCHAT_TYPE_EDIT) {
        message->edits++;
        /*  Without a text it was edited once more behind that.                */
        if (event->body.size) {
            free (message->body);
            message->body = memory_string (event->body.data, event->body.size);
        }
    } else {
        memcpy (text, event->body.data, event->body.size);
        word_t *word = word_of (self, message, text);
        if (event->type == ZCHAT_TYPE_REACT)
            word_add (self, word, user);
        else
            word_remove (word, user);
    }
}

static void event_take (reading_t *self, const event_t *event)
{
    sim_t *sim = self->sim;
    json_t *data =
        event->data.size ? json_loadb (event->data.data, event->data.size, 0, NULL) : NULL;
    switch (event->type) {
    case ZCHAT_TYPE_MARKS:
        marks_take (self, data);
        break;
    case ZCHAT_TYPE_SAY:
    case ZCHAT_TYPE_ACTION:
    case ZCHAT_TYPE_GONE:
        message_add (self, event);
        break;
    case ZCHAT_TYPE_EDIT:
    case ZCHAT_TYPE_REACT:
    case ZCHAT_TYPE_UNREACT:
    case ZCHAT_TYPE_REMOVE:
        change_apply (self, event, (uint64_t)json_integer_value (json_object_get (data, "seq")));
        break;
    default:
        break;
    }
    if (event->seq && event->seq <= self->seq)
        sim_wrong (sim, "a page gives seq %llu behind %llu", (unsigned long long)event->seq,
                   (unsigned long long)self->seq);
    else if (event->seq) {
        self->seq = event->seq;
        book_holds (sim, book_now (sim), self->room, event, self->name);
    }
    json_decref (data);
}

void reading_begin (reading_t *self)
{
    self->begun = self->seq;
}

void reading_mail (reading_t *self, const reply_t *mail)
{
    event_t event = {.seq = 0};
    frame_t pack = mail->body;
    if (mail->kind == REPLY_BULK) {
        while (!self->sim->failed && event_record_next (&pack, &event) == ZCHAT_OK)
            event_take (self, &event);
        return;
    }
    json_t *meta = json_loadb (mail->meta.data, mail->meta.size, 0, NULL);
    json_t *data = json_object_get (meta, "data");
    const char *type = json_string_value (json_object_get (meta, "type"));
    event.type = zchat_type_from_name (type, type ? strlen (type) : 0);
    event.seq = (uint64_t)json_integer_value (json_object_get (meta, "seq"));
    event.time_ms = (uint64_t)json_integer_value (json_object_get (meta, "time"));
    event.user = mail->user;
    event.body = mail->body;
    const char *at = data ? memmem (mail->meta.data, mail->meta.size, "\"data\":", 7) : NULL;
    if (at)
        event.data = frame_of (
            at + 7, (size_t)((const char *)mail->meta.data + mail->meta.size - 1 - (at + 7)));
    event_take (self, &event);
    json_decref (meta);
}

void reading_page (reading_t *self, const json_t *ok)
{
    uint64_t first = (uint64_t)json_integer_value (json_object_get (ok, "first"));
    /*  Retention took what comes next.                                        */
    if (self->seq == self->begun && first > self->seq + 1)
        self->seq = first - 1;
}

/*  --- the end ---------------------------------------------------------------  */

static size_t words_of (const message_t *message)
{
    size_t count = 0;
    for (size_t i = 0; i < message->n_words; i++)
        count += message->words[i].n_users > 0;
    return count;
}

static void message_judge (const reading_t *self, const message_t *message)
{
    sim_t *sim = self->sim;
    const book_room_t *room = &book_now (sim)->rooms[self->room];
    const event_t *event = book_newest (room, message->seq);
    marks_t gather = {.count = 0};
    const store_marks_t *marks = memory_marks_of (room->marks, message->seq, "", &gather);
    bool gone = event->type == ZCHAT_TYPE_GONE, same = gone == message->gone;
    if (same && !gone) {
        same = frame_is (event->body, message->body) &&
               message->edits == (marks ? marks->n_edits : 0) &&
               words_of (message) == (marks ? marks->n_reactions : 0);
        for (size_t i = 0; same && i < message->n_words; i++)
            for (size_t k = 0; marks && k < marks->n_reactions; k++)
                if (frame_is (marks->reactions[k].text, message->words[i].text))
                    same = marks->reactions[k].count == message->words[i].n_users;
    }
    if (!same)
        sim_wrong (sim,
                   "%s knows seq %llu of room %zu%s as \"%.60s\", edited %llu times, with %zu "
                   "reactions; it is%s \"%.*s\", %llu, %zu",
                   self->name, (unsigned long long)message->seq, self->room,
                   message->gone ? " (gone)" : "", message->body,
                   (unsigned long long)message->edits, words_of (message), gone ? " gone" : "",
                   (int)(event->body.size < 60 ? event->body.size : 60),
                   (const char *)event->body.data, (unsigned long long)(marks ? marks->n_edits : 0),
                   marks ? marks->n_reactions : 0);
    marks_clear (&gather);
}

void reading_judge (const reading_t *self)
{
    const book_room_t *room = &book_now (self->sim)->rooms[self->room];
    for (size_t i = 0; i < self->count && !self->sim->failed; i++)
        if (self->messages[i].seq >= room->first)
            message_judge (self, &self->messages[i]);
}
