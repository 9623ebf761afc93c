/*  budget.c - who holds how much of a table that all share                    */
#include "budget.h"
#include "hash.h"
#include <assert.h>
#include <string.h>

/*  The children of a holder that hold the same number.                        */
typedef struct class
{
    size_t count;
    holder_t *holders;         /* list: who came first to hold so many first   */
    struct class *prev, *next; /* of the same parent, the least first          */
} class_t;

struct holder {
    char *path;            /* up to here                                      */
    holder_t *parent;      /* NULL: the root                                  */
    size_t count;          /* held by it and by what is below it              */
    class_t *class;        /* of its parent's                                 */
    class_t *classes;      /* its children                                    */
    budget_item_t *items;  /* its own that give way, the oldest first         */
    budget_item_t *firm;   /* and those that give way after them              */
    bool unsorted;         /* not so yet: they were charged out of order      */
    holder_t *prev, *next; /* of the same class                               */
    UT_hash_handle hh;     /* by path                                         */
};

struct budget {
    holder_t root;     /* of everything                                        */
    holder_t *holders; /* by path                                              */
};

budget_t *budget_new (void)
{
    return memory_zero (sizeof (budget_t));
}

void budget_destroy (budget_t **self_p)
{
    if (*self_p)
        assert (!(*self_p)->holders);
    free (*self_p);
    *self_p = NULL;
}

/*  --- holders ---------------------------------------------------------------  */

/*  Bytes of the first depth names of a path.                                  */
static size_t path_prefix (const char *path, int depth)
{
    const char *end = path;
    for (int i = 0; i < depth; i++) {
        const char *slash = i + 1 < BUDGET_DEPTH ? strchr (end, '/') : NULL;
        if (!slash)
            return strlen (path);
        end = slash + 1;
    }
    return (size_t)(end - path) - 1;
}

static holder_t *holder_find (const budget_t *budget, const char *path, size_t size)
{
    holder_t *holder;
    HASH_FIND (hh, budget->holders, path, size, holder);
    return holder;
}

static holder_t *holder_make (budget_t *budget, holder_t *parent, const char *path, size_t size)
{
    holder_t *holder = holder_find (budget, path, size);
    if (holder)
        return holder;
    holder = memory_zero (sizeof *holder);
    holder->path = memory_string (path, size);
    holder->parent = parent;
    HASH_ADD_KEYPTR (hh, budget->holders, holder->path, size, holder);
    return holder;
}

static void class_leave (holder_t *holder)
{
    class_t *class = holder->class;
    DL_DELETE (class->holders, holder);
    holder->class = NULL;
    if (class->holders)
        return;
    DL_DELETE (holder->parent->classes, class);
    free (class);
}

/*  The holder, of no class, has count now; after: the class that the one it belongs to stands
    behind, NULL: it is the first.                                             */
static void class_enter (holder_t *holder, class_t *after)
{
    class_t **list = &holder->parent->classes;
    class_t *class = after ? after->next : *list;
    if (!class || class->count != holder->count) {
        class_t *made = memory_zero (sizeof *made);
        made->count = holder->count;
        if (class)
            DL_PREPEND_ELEM (*list, class, made);
        else
            DL_APPEND (*list, made);
        class = made;
    }
    holder->class = class;
    DL_APPEND (class->holders, holder);
}

static void holder_free (budget_t *budget, holder_t *holder)
{
    HASH_DEL (budget->holders, holder);
    free (holder->path);
    free (holder);
}

/*  The holder, and all above it, hold one more or one less.                   */
static void holder_count (budget_t *budget, holder_t *holder, bool more)
{
    while (holder->parent) {
        holder_t *parent = holder->parent;
        class_t *old = holder->class, *after = more ? old : NULL;
        bool alone = old && old->holders == holder && !holder->next;
        if (old && !more)
            after = old == parent->classes ? NULL : old->prev;
        if (old && more && alone)
            after = old == parent->classes ? NULL : old->prev;
        holder->count += more ? 1 : (size_t)-1;
        if (old)
            class_leave (holder);
        /*  One less belongs into the class before, or between the two.        */
        if (!more && after && after->count == holder->count)
            after = after == parent->classes ? NULL : after->prev;
        if (holder->count)
            class_enter (holder, after);
        else
            holder_free (budget, holder);
        holder = parent;
    }
    holder->count += more ? 1 : (size_t)-1;
}

/*  --- items -----------------------------------------------------------------  */

static budget_item_t **item_list (budget_item_t *item)
{
    return item->firm ? &item->holder->firm : &item->holder->items;
}

static void item_insert (budget_item_t *item)
{
    budget_item_t **list = item_list (item);
    if (*list && item->age < (*list)->age) {
        DL_PREPEND (*list, item);
        return;
    }
    if (*list && (*list)->prev->age > item->age)
        item->holder->unsorted = true;
    DL_APPEND (*list, item);
}

void budget_charge (budget_t *budget, budget_item_t *item, const char *path, uint64_t age)
{
    holder_t *holder = &budget->root;
    size_t size = 0, whole = strlen (path);
    assert (!item->holder && whole && whole <= BUDGET_PATH_MAX);
    for (int depth = 1; size < whole; depth++) {
        size = path_prefix (path, depth);
        holder = holder_make (budget, holder, path, size);
    }
    holder_count (budget, holder, true);
    item->holder = holder;
    item->age = age;
    item_insert (item);
}

void budget_touch (budget_item_t *item, uint64_t age)
{
    if (!item->holder)
        return;
    DL_DELETE (*item_list (item), item);
    item->age = age;
    item_insert (item);
}

void budget_firm (budget_item_t *item)
{
    if (item->firm)
        return;
    if (item->holder)
        DL_DELETE (item->holder->items, item);
    item->firm = true;
    if (item->holder)
        item_insert (item);
}

void budget_release (budget_t *budget, budget_item_t *item)
{
    holder_t *holder = item->holder;
    if (!holder)
        return;
    DL_DELETE (*item_list (item), item);
    item->holder = NULL;
    holder_count (budget, holder, false);
}

const char *budget_path (const budget_item_t *item)
{
    return item->holder ? item->holder->path : "";
}

/*  --- who gives way ---------------------------------------------------------  */

static int item_compare (const budget_item_t *a, const budget_item_t *b)
{
    return (a->age > b->age) - (a->age < b->age);
}

static void holder_sort (holder_t *holder)
{
    if (!holder->unsorted)
        return;
    DL_SORT (holder->items, item_compare);
    DL_SORT (holder->firm, item_compare);
    holder->unsorted = false;
}

/*  What is looked for.                                                        */
typedef struct {
    const budget_t *budget;
    const char *path;
    budget_fits_t *fits;
    void *arg;
    int tries; /* left                                                         */
} search_t;

static budget_item_t *list_search (search_t *search, budget_item_t *list)
{
    for (budget_item_t *item = list; item && search->tries; item = item->next) {
        search->tries--;
        if (search->fits (search->arg, item))
            return item;
    }
    return NULL;
}

static budget_item_t *below_search (search_t *search, const holder_t *at, int depth, bool own);

/*  Some may be held by a place itself, and more than by any below it.         */
static budget_item_t *holder_search (search_t *search, holder_t *holder, int depth, bool own)
{
    holder_sort (holder);
    budget_item_t *item = list_search (search, holder->items);
    item = item ? item : list_search (search, holder->firm);
    return item ? item : below_search (search, holder, depth + 1, own);
}

/*  Of what is below at, which the first depth - 1 names of path lead to where own.  */
static budget_item_t *below_search (search_t *search, const holder_t *at, int depth, bool own)
{
    if (!at->classes)
        return NULL;
    size_t whole = strlen (search->path);
    size_t before = depth > 1 ? path_prefix (search->path, depth - 1) : 0;
    const class_t *most = at->classes->prev;
    size_t size = own && before < whole ? path_prefix (search->path, depth) : 0;
    holder_t *asking = size ? holder_find (search->budget, search->path, size) : NULL;
    asking = asking && asking->count == most->count ? asking : NULL;
    /*  Who has one thing does not lose it to who has as many.                 */
    if (!asking && depth == 1 && most->count < 2)
        return NULL;
    budget_item_t *item = asking ? holder_search (search, asking, depth, true) : NULL;
    for (holder_t *holder = most->holders; holder && !item && search->tries; holder = holder->next)
        if (holder != asking)
            item = holder_search (search, holder, depth, false);
    return item;
}

budget_item_t *budget_yields_where (const budget_t *budget, const char *path, bool within,
                                    budget_fits_t *fits, void *arg)
{
    search_t search = {budget, path, fits, arg, BUDGET_TRIES};
    holder_t *place = within ? holder_find (budget, path, path_prefix (path, 1)) : NULL;
    if (within)
        return place ? holder_search (&search, place, 1, true) : NULL;
    return below_search (&search, &budget->root, 1, true);
}

static bool fits_any (void *arg, const budget_item_t *item)
{
    (void)arg;
    (void)item;
    return true;
}

budget_item_t *budget_yields (const budget_t *budget, const char *path)
{
    return budget_yields_where (budget, path, false, fits_any, NULL);
}

budget_item_t *budget_yields_within (const budget_t *budget, const char *path)
{
    return budget_yields_where (budget, path, true, fits_any, NULL);
}

size_t budget_held (const budget_t *budget, const char *path, int depth)
{
    const holder_t *holder = holder_find (budget, path, path_prefix (path, depth));
    return holder ? holder->count : 0;
}

size_t budget_holders (const budget_t *budget)
{
    return HASH_COUNT (budget->holders);
}
