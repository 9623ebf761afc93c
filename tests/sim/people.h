/*  people.h - whose names are whose, and who is a member of what: as the log has it

    Owners come from the facts that were committed; members of private rooms from the events of
    the rooms (create, invite, kick, ban), and what the store was told of their roles must agree.
*/
#ifndef ZCHAT_SIM_PEOPLE_H
#define ZCHAT_SIM_PEOPLE_H

#include "address.h"
#include "name.h"
#include "sim.h"
#include "store.h"

/*  A name that belongs to somebody.                                           */
typedef struct {
    uint64_t number; /* the core's                                             */
    name_keys_t name;
    char spelling[ZCHAT_NAME_MAX + 1];
    bool freed;
    char place[64]; /* where it was claimed; "": not known */
    size_t n_keys;
    char keys[ZCHAT_NAME_KEYS_MAX][ADDRESS_KEY_TEXT + 1];
} owner_t;

/*  An owner was a member of a room from the event from on up to the event to, which put it out.
    Another begins where it is invited again.                                  */
typedef struct {
    uint64_t owner;
    uint64_t from, to; /* seqs; to UINT64_MAX: it still is                     */
    uint64_t from_us, to_us;
} spell_t;

/*  What the log says about a private room.                                    */
typedef struct {
    bool is_private;
    spell_t *spells;
    size_t n_spells, spells_room;
    uint64_t *roles; /* owners that the store knows a role of                  */
    size_t n_roles, roles_room;
} club_t;

enum { PEOPLE_BOX_MAX = 40 };

/*  A key that a name once had.                                                */
typedef struct {
    name_keys_t name;
    char key[ADDRESS_KEY_TEXT + 1];
    uint64_t until_us;
} past_t;

typedef struct {
    owner_t *owners;
    size_t n_owners, owners_room;
    past_t *past;
    size_t n_past, past_room;
} people_t;

void people_clear (people_t *people);
void club_clear (club_t *club);

/*  The owner of a name that is not freed; NULL.                               */
const owner_t *people_owner (const people_t *people, const char *name);
/*  The same where the key is one of the owner's.                              */
const owner_t *people_proven (const people_t *people, const char *name, const char *key);
/*  The key was the name's, and was taken from it later than since_us.         */
bool people_lately (const people_t *people, const char *name, const char *key, uint64_t since_us);
/*  The name of the mailbox of who holds a name: of the owner where it has one, of whoever
    comes without a key where it has none.                                     */
void people_box (const owner_t *owner, const char *name, char box[PEOPLE_BOX_MAX]);

/*  A fact of the broker was committed.                                        */
void people_fact (sim_t *sim, people_t *people, const store_record_t *record);
/*  A fact of a room was committed.                                            */
void club_fact (club_t *club, const store_record_t *record);
/*  An event of a room was committed, the first of all or not. *invited: the owner that it made a
 * member; 0.  */
void club_event (sim_t *sim, club_t *club, const people_t *people, const event_t *event, bool first,
                 uint64_t *invited);
/*  Roles and events agree.                                                    */
void club_check (sim_t *sim, const club_t *club);

/*  The membership of an owner that reaches to seq, or begins behind it; NULL. */
const spell_t *club_spell (const club_t *club, uint64_t owner, uint64_t seq);
/*  It is a member.                                                            */
bool club_member (const club_t *club, uint64_t owner);

#endif
