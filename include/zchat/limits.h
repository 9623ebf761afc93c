/*  limits.h - every bound of zchat, in one place

    The same table, with what a peer sees when it meets the bound, stands in
    docs/LIMITS.md. Sizes are in bytes, times in ms, unless the name says
    otherwise. Bounds of the wire are part of ZCHAT/1; the others may be changed
    without asking anyone.
*/
#ifndef ZCHAT_LIMITS_H
#define ZCHAT_LIMITS_H

/*  --- the wire --------------------------------------------------------------  */
enum {
    ZCHAT_NAME_MAX_CODEPOINTS = 32,   /* a user's or a room's name              */
    ZCHAT_NAME_MAX = 128,             /* the same in bytes: 32 of 4             */
    ZCHAT_NAME_FORM_MAX = 512,        /* bytes of one that is yet to become NFC */
    ZCHAT_TAG_MAX = 32,               /* a client's tag, echoed                 */
    ZCHAT_NONCE_MAX = 64,             /* SYNC                                   */
    ZCHAT_LINE_MAX = 262144,          /* bytes of zchat's input line            */
    ZCHAT_BODY_MAX = 65536,           /* a message                              */
    ZCHAT_TOPIC_MAX = 1024,           /* a room's topic                         */
    ZCHAT_DATA_MAX = 4096,            /* a program's own JSON in a message      */
    ZCHAT_DATA_DEPTH_MAX = 32,        /* objects and lists in it, one in another */
    ZCHAT_JSON_MAX = 8192,            /* any JSON argument                      */
    ZCHAT_AGENT_MAX = 128,            /* the program's name in HELLO            */
    ZCHAT_PRODUCER_SIZE = 16,         /* 128 random bits                        */
    ZCHAT_SESSION_SIZE = 32,          /* a session's secret, hex on the wire    */
    ZCHAT_KEY_SIZE = 32,              /* a CURVE key                            */
    ZCHAT_LOG_ID_SIZE = 16,           /* the log's id, hex on the wire          */
    ZCHAT_FRAMES_MAX = 8,             /* frames of a request, envelope included */
    ZCHAT_FRAME_MAX = 1048576,        /* larger: the connection is dropped      */
    ZCHAT_HISTORY_DEFAULT = 100,      /* events of one HISTORY, unless asked    */
    ZCHAT_HISTORY_MAX = 1000,         /* events of one HISTORY                  */
    ZCHAT_HISTORY_BYTES_MAX = 524288, /* and their bytes, one event at least    */
    ZCHAT_LIST_MAX = 1000,            /* names in one reply to WHO or ROOMS     */
    ZCHAT_PACK_MAX = 262144,          /* bytes of a pack, one event at least    */
    ZCHAT_REASON_MAX = 512,           /* why somebody is kicked, banned, ...    */
    ZCHAT_TOKEN_SIZE = 32,            /* a token, hex on the wire               */
    ZCHAT_NAME_KEYS_MAX = 8,          /* keys of one name                       */
    ZCHAT_KEY_NAMES_MAX = 8,          /* names that one key may claim, and those it
                                         gave up less than ZCHAT_NAME_FREED_MS ago */
    ZCHAT_NAME_SESSIONS_MAX = 16,     /* sessions of one proven name at once    */
    ZCHAT_PRIVATE_MEMBERS_MAX = 1000, /* members of a private room              */
    ZCHAT_EDITS_MAX = 100,            /* edits of one message                   */
    ZCHAT_REACTION_MAX = 32,          /* bytes of a reaction                    */
    ZCHAT_REACTIONS_MAX = 20,         /* different ones of a message            */
    ZCHAT_REACTION_NAMES = 3,         /* users named of each in a marks         */
    ZCHAT_MENTIONS_MAX = 8,           /* people mentioned by one message        */
    ZCHAT_MENTIONS_KEPT = 1000,       /* unread mentions of a user, the last ones */
    ZCHAT_MARKERS_MAX = 1000,         /* rooms of which it is kept how far a user read */
    ZCHAT_AWAY_MAX = 200,             /* bytes of why somebody is away          */
    ZCHAT_QUERY_MAX = 512,            /* bytes of what is searched              */
    ZCHAT_SEARCH_DEFAULT = 20,        /* hits of one SEARCH, unless asked       */
    ZCHAT_SEARCH_MAX = 100,           /* hits of one SEARCH                     */
    ZCHAT_SNIPPET_MAX = 240,          /* bytes of a hit's text                  */
    ZCHAT_SEARCH_WORDS = 16,          /* words and phrases of one SEARCH        */
    ZCHAT_SEARCH_ROOMS = 64,          /* private rooms looked at, unless one is named */
    ZCHAT_SEARCH_MS = 250,            /* one search                             */
};

/*  --- the broker ------------------------------------------------------------  */
enum {
    ZCHAT_PEERS_MAX = 20000,                /* connections that are remembered        */
    ZCHAT_SESSIONS_MAX = 10000,             /* names in use at once                   */
    ZCHAT_ROOMS_MAX = 10000,                /* rooms of a log                         */
    ZCHAT_ROOM_NUMBERS_MAX = 8388607,       /* rooms and mailboxes that a log ever has */
    ZCHAT_PRIVATE_PLACE_MAX = 2500,         /* private rooms made from one address    */
    ZCHAT_FORGET_ROOMS = 100,               /* forgotten rooms that end at once       */
    ZCHAT_SESSION_ROOMS_MAX = 100,          /* rooms one session is in                */
    ZCHAT_ROOM_MEMBERS_MAX = 10000,         /* users in one room                      */
    ZCHAT_SPEAKERS_MAX = 16384,             /* producers whose newest connection is known */
    ZCHAT_PRODUCERS_MAX = 1000000,          /* senders remembered for exactly-once    */
    ZCHAT_PEER_PENDING_MAX = 2048,          /* messages of a peer not yet on disk     */
    ZCHAT_PEER_PENDING_BYTES_MAX = 8388608, /* and their bytes                */
    ZCHAT_BUSY_BYTES = 8388608,             /* where all together have more not yet on disk, ... */
    ZCHAT_OWNER_BUSY_BYTES = 131072,        /* ... an owner has so many, one message at least */
    ZCHAT_PLACE_BUSY_BYTES = 1048576,       /* ... and all from one address           */
    ZCHAT_BUSY_WORD = 4096,                 /* bytes taken of a connection that has none there */
    ZCHAT_PENDING_BYTES_MAX = 134217728,    /* bytes of all not yet on disk          */
    ZCHAT_PEER_READS_MAX = 4,               /* HISTORY requests of a peer under way   */
    ZCHAT_READS_MAX = 512,                  /* HISTORY requests of all under way: less
                                               than czmq's pipes hold, 1,000          */
    ZCHAT_PEER_SEARCHES_MAX = 2,            /* SEARCH requests of a peer under way    */
    ZCHAT_PLACE_SEARCHES_MAX = 16,          /* from one address, but this machine     */
    ZCHAT_SEARCHES_MAX = 64,                /* and of all                             */
    ZCHAT_PEER_DEBT_MAX = 4194304,          /* bytes of long replies a peer has not read */
    ZCHAT_PEER_DEBT_PER_MS = 16384,         /* read in a ms, where that is not known  */
    ZCHAT_DEBT_MAX = 268435456,             /* bytes of them of all peers             */
    ZCHAT_LONG_REPLY = 1024,                /* from here on a reply counts for that   */
    ZCHAT_BATCH_MAX = 2048,                 /* records of one commit, and one request's at least */
    ZCHAT_PRESENCE_MERGE_MEMBERS = 64,      /* from here on joins and leaves merge    */
    ZCHAT_PRESENCE_MERGE_MS = 1000,         /* for so long                            */
    ZCHAT_PRESENCE_MERGE_NAMES = 100,       /* names of each kind in one, if data holds them */
    ZCHAT_HEARTBEAT_MS = 5000,              /* clients PING this often                */
    ZCHAT_NAME_GRACE_MS = 5000,             /* a lost session's name is kept for it   */
    ZCHAT_DOUBT_MS = 250,                   /* who asks for a name that is held waits so long,
                                               to see whether its holder is still there */
    ZCHAT_DOUBT_AGAIN_MS = 5000,            /* and so long nobody else has to         */
    ZCHAT_NAMES_MAX = 100000,               /* names that belong to somebody          */
    ZCHAT_PLACE_NAMES_MAX = 10000,          /* of them, claimed by keys at one place  */
    ZCHAT_PURGE_MAX = 250,                  /* names or rooms of one PURGE                 */
    ZCHAT_PURGE_LOOKS = 10000,              /* and those it looks at                       */
    ZCHAT_MARKERS_ALL_MAX = 500000,         /* the same of all users                  */
    ZCHAT_READINGS_MAX = 65536,             /* of them, told but not yet on disk      */
    ZCHAT_READINGS_MS = 2000,               /* so long such a one waits for others    */
    ZCHAT_MENTION_LOOKS = 64,               /* places in a message where a mention is looked for */
    ZCHAT_FACT_KEY_MAX = 640,               /* bytes of the name of a durable fact    */
    ZCHAT_FACT_MAX = 4096,                  /* and of what it says                    */
    ZCHAT_ROOM_FACTS_MAX = 4096,            /* facts of a room: roles, bans, mutes    */
    ZCHAT_SANCTIONS_MAX = 100000,           /* bans and mutes of all rooms and mailboxes, and
                                               whom mailboxes allow                   */
    ZCHAT_SANCTIONS_BY_MAX = 5000,          /* of them, set by one user               */
    ZCHAT_SANCTIONS_PLACE_MAX = 25000,      /* and in rooms and mailboxes of one address */
    ZCHAT_CONTACTS_MAX = 500,               /* people a mailbox's user has written to */
    ZCHAT_CONTACTS_ALL_MAX = 250000,        /* the same of all mailboxes              */
    ZCHAT_QUOTA_MESSAGES = 50000,           /* stored for a connection, or a name, at once ... */
    ZCHAT_QUOTA_MESSAGES_S = 20000,         /* ... and a second; so the next, unless configured */
    ZCHAT_QUOTA_BYTES = 67108864,           /* of their bodies                        */
    ZCHAT_QUOTA_BYTES_S = 33554432,
    ZCHAT_QUOTA_READS = 2000, /* what is asked for                      */
    ZCHAT_QUOTA_READS_S = 500,
    ZCHAT_QUOTA_PAGE = 65536,  /* and so many bytes of a page of HISTORY   */
    ZCHAT_QUOTA_ROWS = 20,     /* and so many rows of a list count as one more */
    ZCHAT_QUOTA_SEARCHES = 20, /* SEARCH                                */
    ZCHAT_QUOTA_SEARCHES_S = 5,
    ZCHAT_QUOTA_JOINS = 2000, /* coming and going                       */
    ZCHAT_QUOTA_JOINS_S = 200,
    ZCHAT_QUOTA_FAILED = 500, /* requests answered by ERR               */
    ZCHAT_QUOTA_FAILED_S = 50,
    ZCHAT_QUOTA_STORED = 2000000000,     /* bytes stored in a day, at once         */
    ZCHAT_QUOTA_STORED_S = 24000,        /* 2 GB a day                             */
    ZCHAT_STORED_EVENT = 64,             /* and so many more for each message      */
    ZCHAT_METERS_MAX = 8192,             /* places that are counted                */
    ZCHAT_QUOTA_STRANGERS = 131072,      /* bytes a stranger leaves in a mailbox at once ... */
    ZCHAT_QUOTA_STRANGERS_S = 2,         /* ... and a second: 172,800 a day        */
    ZCHAT_STRANGER_EVENT = 4096,         /* and so many more for each message      */
    ZCHAT_STRANGERS_ADDRESS = 4,         /* times as much: all strangers of an address */
    ZCHAT_STRANGERS_NETWORK = 16,        /* and of an IPv6 /48                     */
    ZCHAT_STRANGERS_MAX = 65536,         /* of whom that is remembered             */
    ZCHAT_TOKENS_MAX = 10000,            /* tokens in the file                     */
    ZCHAT_TOKENS_FILE_MAX = 4194304,     /* and its bytes                          */
    ZCHAT_SLOW_WAIT_MS = 100,            /* what ERR slow tells to wait            */
    ZCHAT_CLOCK_JUMP_MS = 3600000,       /* a clock set by more: nothing goes by age   */
    ZCHAT_SILENCE_HEARTBEATS = 4,        /* without a request: the session is lost    */
    ZCHAT_SILENT_MAX = 256,              /* sessions lost so in one tick              */
    ZCHAT_TRIM_ROWS = 500,               /* rows retention deletes in one step     */
    ZCHAT_DOOR_HWM = 12288,              /* replies queued for one client          */
    ZCHAT_FEED_PACK_MAX = 65536,         /* bytes of a pack of what has just happened, one
                                            event at least                         */
    ZCHAT_FEED_HWM = 4096,               /* feed messages queued for one client */
    ZCHAT_SUBSCRIPTION_MAX = 512,        /* larger: the connection is dropped; a CURVE
                                            handshake fits too                     */
    ZCHAT_FEED_TOPICS_MAX = 1024,        /* topics of one subscriber               */
    ZCHAT_FEED_TOPICS_BYTES_MAX = 32768, /* and their bytes                        */
    ZCHAT_FEED_BYTES_MAX = 262144,       /* bytes of topics of all subscribers, one that
                                            several have counted once              */
    ZCHAT_SUBSCRIBE = 4096,              /* subscriptions and their ends of one, at once */
    ZCHAT_SUBSCRIBE_S = 256,             /* and a second                           */
    ZCHAT_THROTTLE_MAX = 8192,           /* addresses, and keys, that are counted  */
    ZCHAT_ADMIT_ADDRESS = 4096,          /* handshakes of an address at once       */
    ZCHAT_ADMIT_ADDRESS_MS = 5,          /* and one more every                     */
    ZCHAT_ADMIT_KEY = 256,               /* handshakes of a key at once            */
    ZCHAT_ADMIT_KEY_MS = 100,            /* and one more every                     */
    ZCHAT_ADMIT_FAILED = 20,             /* refused handshakes of an address at once */
    ZCHAT_ADMIT_FAILED_MS = 3000,        /* and one more every                     */
    ZCHAT_ADMIT_UNFINISHED = 512,        /* handshakes of an address that have not ended */
    ZCHAT_ADMIT_UNFINISHED_MS = 10,      /* and one more every                     */
    ZCHAT_PLAIN_ADDRESS = 20480,         /* unencrypted: handshakes of an address  */
    ZCHAT_PLAIN_ADDRESS_MS = 25,         /* and one more every                     */
    ZCHAT_ADMIT_PROBES = 8,              /* routing ids announced by an address or
                                            a key, like those the broker gives     */
    ZCHAT_ADMIT_PROBES_MS = 600000,      /* and one more every                     */
    ZCHAT_LOCAL_PROBES_MS = 1000,        /* of this machine: one more every        */
    ZCHAT_ORIGIN_CONNECTIONS_MAX = 8192, /* connections of an address              */
    ZCHAT_ORIGIN_SILENT_MAX = 2048,      /* of them, that said nothing to the door */
    ZCHAT_SILENT_MS = 20000,             /* for so long: dropped                   */
    ZCHAT_DOOR_UNREAD_HWM = 128,         /* requests of a connection not yet read  */
    ZCHAT_UNREAD_MAX = 2097152,          /* bytes that become no request           */
    ZCHAT_UNREAD_GROWS = 200,            /* to the feed: more, every time          */
    ZCHAT_MEASURE_MS = 200,              /* that is looked at                      */
    ZCHAT_UNREAD_FIRST = 131072,         /* before the first request was read      */
    ZCHAT_UNREAD_ORIGIN = 1048576,       /* and of all such of an address          */
    ZCHAT_MEASURE_FIRST_MS = 25,         /* that is looked at                      */
    ZCHAT_LEFT_UNIT = 16384,             /* unencrypted: bytes of an address that were never
                                            read, or a connection over which none came: */
    ZCHAT_ADMIT_LEFT = 1024,             /* so many at once                        */
    ZCHAT_ADMIT_LEFT_MS = 15000,         /* and one more every                     */
    ZCHAT_LOCAL_LEFT_MS = 1000,          /* of this machine: one more every        */
    ZCHAT_LEFT_DEBT_MS = 3600000,        /* kept out for more than that so long at most */
    ZCHAT_LOCAL_LEFT_DEBT_MS = 10000,    /* of this machine                        */
    ZCHAT_KEY_CONNECTIONS_MAX = 2048,    /* connections of a key to the door       */
    ZCHAT_UNWATCHED_MAX = 1024,          /* of no known descriptor (ws)            */
    ZCHAT_WS_KEPT_SHARE = 16,            /* one in so many descriptors kept by libzmq of ws
                                            connections that ended: bound anew     */
    ZCHAT_WS_DEAF_MS = 1000,             /* so long nothing is let in before they are unbound */
    ZCHAT_WS_UNBOUND_MS = 5000,          /* still so many of them: not bound any more */
    ZCHAT_CLAIMS_ADDRESS = 50,           /* names claimed from an address at once  */
    ZCHAT_CLAIMS_ADDRESS_MS = 30000,     /* and one more every                     */
    ZCHAT_CLAIMS_NETWORK = 200,          /* from an IPv6 /48 at once               */
    ZCHAT_CLAIMS_NETWORK_MS = 10000,     /* and one more every                     */
    ZCHAT_MEMBERS_MAX = 10000,           /* keys in the file of members            */
    ZCHAT_MEMBERS_FILE_MAX = 4194304,    /* and its bytes                          */
    ZCHAT_LOG_QUEUE_BYTES = 1048576,     /* of log lines that nobody has read yet  */
    ZCHAT_METRICS_CONNECTIONS_MAX = 16,  /* to the endpoint of --metrics           */
    ZCHAT_METRICS_REQUEST_MAX = 8192,    /* bytes of a request there               */
};
#define ZCHAT_PRODUCER_AGE_MS   2592000000u   /* 30 days: then a silent sender is forgotten */
#define ZCHAT_ROOM_AGE_MS       7776000000u   /* 90 days: then a silent room of one alone goes */
#define ZCHAT_ROOM_EMPTY_MS     86400000u     /* 1 day: then one of which nothing is stored */
#define ZCHAT_PRODUCER_ENDED_MS 3600000u      /* 1 hour: then one that said it has ended is */
#define ZCHAT_EDIT_WINDOW_MS    86400000u     /* a day: so long a message can be edited     */
#define ZCHAT_VOUCH_AGE_MS      2592000000u   /* 30 days: so long a key's word for another counts */
#define ZCHAT_VOUCH_EARLY_MS    86400000u     /* a day: so far its time may lie ahead          */
#define ZCHAT_NAME_FREED_MS     2592000000u   /* 30 days: so long a freed name is nobody's  */
#define ZCHAT_SEQ_MAX           0xFFFFFFFFFFu /* 2^40 - 1 messages a room                  */

#define ZCHAT_DISK_LOW 268435456u /* less free than this is warned of, unless told otherwise */

/*  --- who runs the broker -----------------------------------------------------  */
enum {
    ZCHAT_ADMIN_ASKS_MAX = 64, /* requests under way at the admin door           */
    ZCHAT_BEACON_PORT = 5680,  /* of UDP: brokers tell of themselves there       */
    ZCHAT_BEACON_MAX = 255,    /* bytes of what one says                         */
    ZCHAT_BEACONS_KNOWN = 64,  /* brokers that zchat find lists                  */
};

/*  --- the client ------------------------------------------------------------  */
enum {
    ZCHAT_OUTBOX_MAX = 10000,          /* messages waiting for their OK          */
    ZCHAT_OUTBOX_BYTES_MAX = 16777216, /* and their bytes                        */
    ZCHAT_WINDOW = 1024,               /* messages sent ahead of their OK        */
    ZCHAT_WINDOW_BYTES = 1048576,      /* and their bytes, one message at least  */
    ZCHAT_AHEAD_MAX = 4096,            /* events kept while a gap is fetched     */
    ZCHAT_AHEAD_BYTES_MAX = 8388608,   /* and their bytes                        */
    ZCHAT_EVENTS_MAX = 16384,          /* events a slow program leaves unread    */
    ZCHAT_EVENTS_BYTES_MAX = 16777216, /* and their bytes                        */
    ZCHAT_QUERIES_MAX = 64,            /* requests of the program under way      */
    ZCHAT_FETCHES_MAX = 2,             /* HISTORY requests of the library's own,
                                          and as many of the program's, at once  */
    ZCHAT_BACKOFF_MIN_MS = 100,        /* first wait before connecting again     */
    ZCHAT_BACKOFF_MAX_MS = 5000,       /* longest                                */
    ZCHAT_CONNECT_TIMEOUT_MS = 5000,   /* connecting, and again HELLO, at most   */
    ZCHAT_REPLY_TIMEOUT_MS = 10000,    /* a reply that takes longer: reconnect   */
    ZCHAT_FEED_TIMEOUT_MS = 5000,      /* a feed that stays silent: warn, go on over the
                                          door, reconnect it */
    ZCHAT_SYNC_SILENT_MS = 1000,       /* SYNC again meanwhile                   */
    ZCHAT_SYNC_RETRY_MS = 200,         /* SYNC again while the nonce is not back */
    ZCHAT_GAP_WAIT_MS = 50,            /* most that a gap fetch is delayed       */
    ZCHAT_READ_WAIT_MS = 1000,         /* between two READs of a room, at least  */
    ZCHAT_SETTINGS_FILE_MAX = 65536,   /* bytes of zchat's config file           */
    ZCHAT_SETTINGS_LINE_MAX = 4096,    /* and of one line                        */
    ZCHAT_SETTINGS_BROKERS_MAX = 32,   /* brokers it names                       */
    ZCHAT_SCREEN_LINES_MAX = 4000,     /* lines of a window of zchat's screen     */
    ZCHAT_SCREEN_BYTES_MAX = 4194304,  /* and the bytes of its messages, about    */
    ZCHAT_FORMAT_MAX = 4096,           /* bytes of --format                      */
    ZCHAT_STATE_ROOMS_MAX = 1000,      /* rooms in a file of --state             */
    ZCHAT_EXEC_WAIT_MIN_MS = 500,      /* first wait before --exec tries again   */
    ZCHAT_EXEC_WAIT_MAX_MS = 60000,    /* longest                                */
    ZCHAT_ALL_ROOMS_MS = 30000,        /* --all-rooms looks for new rooms so often */
};

/*  --- zchat-web ---------------------------------------------------------------  */
enum {
    ZCHAT_WEB_CONNECTIONS_MAX = 4096,   /* HTTP connections at once               */
    ZCHAT_WEB_ADDRESS_MAX = 256,        /* of them, from an address but this machine's */
    ZCHAT_WEB_STREAMS_MAX = 3072,       /* event streams at once                  */
    ZCHAT_WEB_STREAM_ROOMS_MAX = 16,    /* rooms of one                           */
    ZCHAT_WEB_HEADERS_MAX = 16384,      /* bytes of the headers of a request      */
    ZCHAT_WEB_BODY_MAX = 409600,        /* bytes of a body: a message, all of it escaped */
    ZCHAT_WEB_BODIES_MAX = 67108864,    /* of all that are under way              */
    ZCHAT_WEB_PEOPLE_MAX = 256,         /* names and tokens connected at once     */
    ZCHAT_WEB_PEOPLE = 50,              /* of them, new ones at once              */
    ZCHAT_WEB_PEOPLE_MS = 100,          /* and one more every                     */
    ZCHAT_WEB_GUESTS = 8,               /* connections of guests, for the rooms they read */
    ZCHAT_WEB_IDLE_MS = 60000,          /* a person, or a room, unused for so long is let go */
    ZCHAT_WEB_REFUSED_MS = 2000,        /* a name and token that were refused are not tried again */
    ZCHAT_WEB_HEADER_MS = 20000,        /* a connection without a whole request   */
    ZCHAT_WEB_UPLOAD_MS = 30000,        /* a body that does not end               */
    ZCHAT_WEB_STUCK_MS = 60000,         /* a connection that takes no bytes       */
    ZCHAT_WEB_ANSWER_MS = 15000,        /* the broker's answer to a request       */
    ZCHAT_WEB_STREAM_WAIT_MS = 3000,    /* a stream that waits for the broker begins then */
    ZCHAT_WEB_HEARTBEAT_MS = 15000,     /* a stream says at least something       */
    ZCHAT_WEB_RING_MAX = 2048,          /* events of a room kept for its streams  */
    ZCHAT_WEB_RING_BYTES = 4194304,     /* and their bytes                        */
    ZCHAT_WEB_RINGS_BYTES = 134217728,  /* of all rooms                           */
    ZCHAT_WEB_PAGE = 100,               /* events fetched at once for a stream    */
    ZCHAT_WEB_PAGES = 8,                /* such fetches of a person under way     */
    ZCHAT_WEB_ONCE_MAX = 10000,         /* answers remembered for Idempotency-Key */
    ZCHAT_WEB_ONCE_MS = 86400000,       /* for so long                            */
    ZCHAT_WEB_HOOKS_MAX = 64,           /* --hook                                 */
    ZCHAT_WEB_HOOK_MS = 15000,          /* one delivery to a hook                 */
    ZCHAT_WEB_HOOK_WAIT_MIN_MS = 1000,  /* first wait after one that failed       */
    ZCHAT_WEB_HOOK_WAIT_MAX_MS = 300000 /* longest                                */
};

/*  By C11's own words, not by assert.h: this header includes nothing.         */
#ifdef __cplusplus
#define ZCHAT_STATIC_ASSERT(what, why) static_assert (what, why)
#else
#define ZCHAT_STATIC_ASSERT(what, why) _Static_assert(what, why)
#endif

ZCHAT_STATIC_ASSERT (ZCHAT_NAME_MAX == 4 * ZCHAT_NAME_MAX_CODEPOINTS,
                     "a code point is 4 bytes at most");
ZCHAT_STATIC_ASSERT (ZCHAT_SUBSCRIPTION_MAX > ZCHAT_NAME_MAX + 8,
                     "every topic can be subscribed to");
ZCHAT_STATIC_ASSERT (ZCHAT_NAME_MAX <= 255, "a name's length is one byte in a pack");
ZCHAT_STATIC_ASSERT (ZCHAT_DATA_MAX <= 65535, "the length of data is two bytes in a pack");
ZCHAT_STATIC_ASSERT (ZCHAT_BODY_MAX < ZCHAT_FRAME_MAX,
                     "an over-long body is answered, not cut off");
ZCHAT_STATIC_ASSERT (ZCHAT_BODY_MAX < ZCHAT_PACK_MAX, "one message fits a pack");
ZCHAT_STATIC_ASSERT (ZCHAT_BODY_MAX < ZCHAT_HISTORY_BYTES_MAX, "one message fits a history reply");
ZCHAT_STATIC_ASSERT ((int)ZCHAT_FEED_PACK_MAX <= (int)ZCHAT_PACK_MAX, "every reader takes it");
ZCHAT_STATIC_ASSERT ((int)ZCHAT_FEED_HWM >= 2 * (int)ZCHAT_BATCH_MAX,
                     "a commit's events, one by one, find room");
ZCHAT_STATIC_ASSERT ((int)ZCHAT_WINDOW <= (int)ZCHAT_PEER_PENDING_MAX,
                     "a well-behaved client is never slowed");
ZCHAT_STATIC_ASSERT ((int)ZCHAT_PEER_PENDING_MAX +
                             (int)ZCHAT_PEER_READS_MAX * (2 * (int)ZCHAT_HISTORY_MAX + 1) <=
                         (int)ZCHAT_DOOR_HWM,
                     "no reply to a client that stays within its bounds is dropped");
ZCHAT_STATIC_ASSERT (2 * (int)ZCHAT_FETCHES_MAX <= (int)ZCHAT_PEER_READS_MAX,
                     "nor are its histories");

#undef ZCHAT_STATIC_ASSERT

#endif
