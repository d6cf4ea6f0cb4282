/* The shipped policy under its default readings, with N items, written by hand for Spin.
 *
 * A state is the status and the items; what texts are does not count, only whether the copy's is the original's. Every
 * event of an item and every status action is one indivisible step of the only process, so that Spin's counts are those
 * of simsync, but for the first state, in which the status is chosen: 1 state and 9 transitions more.
 *
 *   spin -a -DN=2 policy.pml; gcc -O3 -DSAFETY -DNOREDUCE -o pan pan.c; ./pan -m10000000
 */
#ifndef N
#define N 2
#endif

/* the outsource status; its phases are none, active, suspended, ended, in this order */
#define UNSENT 0
#define ASSIGNED 1
#define CANCELED 2
#define DECLINED 3
#define ACCEPTED 4
#define IN_PROGRESS 5
#define WAITING_APPROVAL 6
#define COMPLETE 7
#define CHOOSING 8

#define BEGUN (status != CHOOSING)
#define NO_TICKET_YET (status <= DECLINED)
#define ACTIVE (status == ACCEPTED || status == IN_PROGRESS)
#define SUSPENDED (status == WAITING_APPROVAL)
#define ENDED (status == COMPLETE)

#define LEAD 0
#define SERVICE 1

/* kinds; NOTHING is an item that was not created yet */
#define NOTHING 0
#define TIME_ENTRY 1
#define CHARGE 2
#define NOTE 3
#define ATTACHMENT 4

/* types of an attachment; everything else has FILE */
#define FILE_TYPE 0
#define FILE_LINK 1
#define FOLDER_LINK 2
#define URL 3

#define LOCAL 0
#define LINKED 1
#define HELD 2
#define SEVERED 3
#define END 4
#define DELETED 5

typedef Item {
  unsigned kind : 3;
  bit owner;
  unsigned type : 2;
  bit internal;
  bit present;            /* until its owner deletes it */
  bit copied;             /* the other ticket has a copy */
  bit concealed;             /* the copy is for internal users only */
  bit same;               /* the copy has the original's text; true once there is no original to compare with */
  unsigned link : 3
};

byte status = CHOOSING;
Item item[N];

#define SHAREABLE(i) (item[i].kind < NOTE || (!item[i].internal && item[i].type == FILE_TYPE))
#define OPEN(i) (item[i].link <= HELD)

/* The owner's present text goes to the other ticket, where a copy comes into being if there is none. */
inline deliver(i) {
  assert(ACTIVE && SHAREABLE(i) && OPEN(i));
  if
  :: !item[i].copied -> item[i].copied = 1; item[i].concealed = (item[i].owner == SERVICE && item[i].kind >= NOTE)
  :: else
  fi;
  item[i].same = 1;
  item[i].link = LINKED
}

inline remove_copy(i) {
  assert(ACTIVE && SHAREABLE(i) && OPEN(i));
  item[i].copied = 0;
  item[i].concealed = 0;
  item[i].link = DELETED
}

/* what has to hold in every state */
inline look(i) {
  assert(!item[i].copied || (!NO_TICKET_YET && item[i].type == FILE_TYPE));
  assert(item[i].link != LINKED || item[i].copied);
  assert(!(item[i].link == LINKED && ACTIVE && SHAREABLE(i) && item[i].present && !item[i].same));
  assert(!(item[i].owner == SERVICE && item[i].kind >= NOTE && OPEN(i) && item[i].copied && !item[i].concealed));
  assert(item[i].link != DELETED || !item[i].present);
  assert(item[i].link != HELD || SUSPENDED);
  assert(!ENDED || !OPEN(i) || item[i].kind == NOTHING)
}

inline created(i, actor, what, hide, kind_of) {
  item[i].owner = actor;
  item[i].kind = what;
  item[i].internal = hide;
  item[i].type = kind_of;
  item[i].present = 1;
  if
  :: ACTIVE && SHAREABLE(i) -> deliver(i)
  :: SUSPENDED && SHAREABLE(i) -> item[i].link = HELD
  :: ENDED -> item[i].link = END
  :: else
  fi;
  look(i)
}

inline own_edited(i) {
  if
  :: ACTIVE && OPEN(i) && SHAREABLE(i) -> deliver(i)
  :: SUSPENDED && OPEN(i) && SHAREABLE(i) -> item[i].link = HELD
  :: SUSPENDED && item[i].link == HELD && !SHAREABLE(i) -> if :: item[i].copied -> item[i].link = LINKED :: else -> item[i].link = LOCAL fi
  :: else
  fi;
  look(i)
}

inline own_deleted(i) {
  item[i].present = 0;
  item[i].same = 1;
  if
  :: OPEN(i) && ACTIVE && SHAREABLE(i) && item[i].copied -> remove_copy(i)
  :: OPEN(i) && SUSPENDED && SHAREABLE(i) && item[i].copied -> item[i].link = HELD
  :: OPEN(i) && (NO_TICKET_YET || ((ACTIVE || SUSPENDED) && !(SHAREABLE(i) && item[i].copied))) -> item[i].link = DELETED
  :: else
  fi;
  look(i)
}

inline other_changed(i) {
  if
  :: item[i].link == LINKED || item[i].link == HELD -> item[i].link = SEVERED
  :: else
  fi;
  look(i)
}

/* One option an event. */
#define CREATE(i, actor, what, hide, kind_of) \
  :: d_step { item[i].kind == NOTHING && BEGUN && (actor == LEAD || !NO_TICKET_YET) -> created(i, actor, what, hide, kind_of) }
#define OWNED(i, actor) (item[i].kind != NOTHING && item[i].owner == actor && item[i].present)
#define COPIED(i, actor) (item[i].copied && item[i].owner != actor)
#define HIDES_COPY(i) (item[i].kind >= NOTE || (item[i].kind == TIME_ENTRY && item[i].owner == LEAD))

#define CREATIONS(i, actor) \
  CREATE(i, actor, TIME_ENTRY, 0, FILE_TYPE) CREATE(i, actor, CHARGE, 0, FILE_TYPE) \
  CREATE(i, actor, NOTE, 0, FILE_TYPE) CREATE(i, actor, NOTE, 1, FILE_TYPE) \
  CREATE(i, actor, ATTACHMENT, 0, FILE_TYPE) CREATE(i, actor, ATTACHMENT, 1, FILE_TYPE) \
  CREATE(i, actor, ATTACHMENT, 0, FILE_LINK) CREATE(i, actor, ATTACHMENT, 1, FILE_LINK) \
  CREATE(i, actor, ATTACHMENT, 0, FOLDER_LINK) CREATE(i, actor, ATTACHMENT, 1, FOLDER_LINK) \
  CREATE(i, actor, ATTACHMENT, 0, URL) CREATE(i, actor, ATTACHMENT, 1, URL)

#define CHANGES(i, actor) \
  :: d_step { OWNED(i, actor) -> item[i].same = 0; own_edited(i) } \
  :: d_step { OWNED(i, actor) && item[i].kind >= NOTE -> item[i].internal = 0; own_edited(i) } \
  :: d_step { OWNED(i, actor) && item[i].kind >= NOTE -> item[i].internal = 1; own_edited(i) } \
  :: d_step { OWNED(i, actor) && item[i].kind >= NOTE -> item[i].same = 0; item[i].internal = 0; own_edited(i) } \
  :: d_step { OWNED(i, actor) && item[i].kind >= NOTE -> item[i].same = 0; item[i].internal = 1; own_edited(i) } \
  :: d_step { OWNED(i, actor) -> own_deleted(i) } \
  :: d_step { COPIED(i, actor) -> item[i].same = !item[i].present; other_changed(i) } \
  :: d_step { COPIED(i, actor) && HIDES_COPY(i) -> item[i].concealed = 0; other_changed(i) } \
  :: d_step { COPIED(i, actor) && HIDES_COPY(i) -> item[i].concealed = 1; other_changed(i) } \
  :: d_step { COPIED(i, actor) && HIDES_COPY(i) -> item[i].same = !item[i].present; item[i].concealed = 0; other_changed(i) } \
  :: d_step { COPIED(i, actor) && HIDES_COPY(i) -> item[i].same = !item[i].present; item[i].concealed = 1; other_changed(i) } \
  :: d_step { COPIED(i, actor) -> item[i].copied = 0; item[i].concealed = 0; item[i].same = !item[i].present; other_changed(i) }

inline accepted(i) {
  if :: item[i].kind != NOTHING && item[i].link == LOCAL && item[i].present && SHAREABLE(i) -> deliver(i) :: else fi;
  look(i)
}

inline resumed(i) {
  if
  :: item[i].link == HELD && item[i].present -> deliver(i)
  :: item[i].link == HELD && !item[i].present -> remove_copy(i)
  :: else
  fi;
  look(i)
}

inline completed(i) {
  if :: item[i].kind != NOTHING && OPEN(i) -> item[i].link = END :: else fi;
  look(i)
}

#if N == 1
#define EACH_ITEM(does) does(0)
#elif N == 2
#define EACH_ITEM(does) does(0); does(1)
#elif N == 3
#define EACH_ITEM(does) does(0); does(1); does(2)
#else
#error "1, 2 or 3 items"
#endif

#define OPTIONS(i) CREATIONS(i, LEAD) CREATIONS(i, SERVICE) CHANGES(i, LEAD) CHANGES(i, SERVICE)

active proctype partners() {
end: do
  :: d_step { status == CHOOSING -> status = UNSENT }
  :: d_step { status == CHOOSING -> status = ASSIGNED }
  :: d_step { status == CHOOSING -> status = CANCELED }
  :: d_step { status == CHOOSING -> status = DECLINED }
  :: d_step { status == CHOOSING -> status = ACCEPTED }
  :: d_step { status == CHOOSING -> status = IN_PROGRESS }
  :: d_step { status == CHOOSING -> status = WAITING_APPROVAL }
  :: d_step { status == CHOOSING -> status = COMPLETE }

  :: d_step { status == UNSENT || status == DECLINED || status == CANCELED -> status = ASSIGNED }
  :: d_step { status == ASSIGNED -> status = CANCELED }
  :: d_step { status == ASSIGNED -> status = ACCEPTED; EACH_ITEM(accepted) }
  :: d_step { status == ASSIGNED -> status = DECLINED }
  :: d_step { status == ACCEPTED -> status = IN_PROGRESS }
  :: d_step { status == IN_PROGRESS -> status = WAITING_APPROVAL }
  :: d_step { status == WAITING_APPROVAL -> status = COMPLETE; EACH_ITEM(completed) }
  :: d_step { status == WAITING_APPROVAL -> status = IN_PROGRESS; EACH_ITEM(resumed) }
  :: d_step { ACTIVE -> status = COMPLETE; EACH_ITEM(completed) }

  OPTIONS(0)
#if N > 1
  OPTIONS(1)
#endif
#if N > 2
  OPTIONS(2)
#endif
  od
}
