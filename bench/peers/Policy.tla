---------------------------------- MODULE Policy ----------------------------------
(* The shipped policy under its default readings, with a number of items, written by hand for TLC.            *)
(*                                                                                                             *)
(* A state is the status and the items; what texts are does not count, only whether the copy's is the          *)
(* original's. Every event of an item and every status action is one disjunct, so that TLC's distinct states   *)
(* are those of simsync, and the states that it generates are the first ones and one for every transition.     *)
EXTENDS TLC

CONSTANT Items

Symmetry == Permutations(Items)

VARIABLES status, item

vars == <<status, item>>

Partners == {"lead", "service"}
Statuses == {"Unsent", "Assigned", "Canceled", "Declined", "Accepted", "In Progress", "Waiting Approval", "Complete"}

PhaseOf(s) == CASE s \in {"Accepted", "In Progress"} -> "active"
                [] s = "Waiting Approval" -> "suspended"
                [] s = "Complete" -> "ended"
                [] OTHER -> "none"

\* `same`: the copy has the original's text; true once there is no original to compare with.
Nothing == [kind |-> "nothing", owner |-> "lead", type |-> "file", internal |-> FALSE, present |-> FALSE,
            copied |-> FALSE, concealed |-> FALSE, same |-> FALSE, link |-> "local"]

Init == status \in Statuses /\ item = [i \in Items |-> Nothing]

Created(it) == it.kind # "nothing"
Hides(kind) == kind \in {"note", "attachment"}
CopyHides(it) == Hides(it.kind) \/ (it.kind = "time entry" /\ it.owner = "lead")
Shareable(it) == ~Hides(it.kind) \/ (~it.internal /\ it.type = "file")
Open(it) == it.link \in {"local", "linked", "held"}
HasTicket(who) == IF who = "lead" THEN TRUE ELSE PhaseOf(status) # "none"  \* a disjunction would count twice
Owned(it, who) == Created(it) /\ it.owner = who /\ it.present
CopiedTo(it, who) == it.copied /\ it.owner # who

\* The owner's present text goes to the other ticket, where a copy comes into being if there is none.
Delivered(it) == [it EXCEPT !.copied = TRUE, !.same = TRUE, !.link = "linked",
                            !.concealed = IF it.copied THEN @ ELSE it.owner = "service" /\ Hides(it.kind)]
Removed(it) == [it EXCEPT !.copied = FALSE, !.concealed = FALSE, !.link = "deleted"]

Fresh(who, kind, internal, type) ==
  LET it == [Nothing EXCEPT !.kind = kind, !.owner = who, !.internal = internal, !.type = type, !.present = TRUE]
  IN CASE PhaseOf(status) = "active" /\ Shareable(it) -> Delivered(it)
       [] PhaseOf(status) = "suspended" /\ Shareable(it) -> [it EXCEPT !.link = "held"]
       [] PhaseOf(status) = "ended" -> [it EXCEPT !.link = "ended"]
       [] OTHER -> it

OwnEdited(it) ==
  CASE ~Open(it) -> it
    [] PhaseOf(status) = "active" /\ Shareable(it) -> Delivered(it)
    [] PhaseOf(status) = "suspended" /\ Shareable(it) -> [it EXCEPT !.link = "held"]
    [] PhaseOf(status) = "suspended" /\ ~Shareable(it) /\ it.link = "held" ->
         [it EXCEPT !.link = IF it.copied THEN "linked" ELSE "local"]
    [] OTHER -> it

OwnDeleted(before) ==
  LET it == [before EXCEPT !.present = FALSE, !.same = TRUE]
  IN CASE ~Open(it) -> it
       [] PhaseOf(status) = "active" /\ Shareable(it) /\ it.copied -> Removed(it)
       [] PhaseOf(status) = "suspended" /\ Shareable(it) /\ it.copied -> [it EXCEPT !.link = "held"]
       [] OTHER -> [it EXCEPT !.link = "deleted"]

OtherChanged(it) == IF it.link \in {"linked", "held"} THEN [it EXCEPT !.link = "severed"] ELSE it
OtherText(it) == [it EXCEPT !.same = ~it.present]

Becomes(i, it) == item' = [item EXCEPT ![i] = it] /\ UNCHANGED status

Event(i) ==
  LET it == item[i] IN
  \E who \in Partners :
    \/ /\ ~Created(it)
       /\ HasTicket(who)
       /\ \/ Becomes(i, Fresh(who, "time entry", FALSE, "file"))
          \/ Becomes(i, Fresh(who, "charge", FALSE, "file"))
          \/ \E internal \in BOOLEAN : Becomes(i, Fresh(who, "note", internal, "file"))
          \/ \E internal \in BOOLEAN, type \in {"file", "file link", "folder link", "url"} :
               Becomes(i, Fresh(who, "attachment", internal, type))
    \/ /\ Owned(it, who)
       /\ \/ Becomes(i, OwnEdited([it EXCEPT !.same = FALSE]))
          \/ Becomes(i, OwnDeleted(it))
          \/ /\ Hides(it.kind)
             /\ \E internal \in BOOLEAN :
                  \/ Becomes(i, OwnEdited([it EXCEPT !.internal = internal]))
                  \/ Becomes(i, OwnEdited([it EXCEPT !.internal = internal, !.same = FALSE]))
    \/ /\ CopiedTo(it, who)
       /\ \/ Becomes(i, OtherChanged(OtherText(it)))
          \/ Becomes(i, OtherChanged([OtherText(it) EXCEPT !.copied = FALSE, !.concealed = FALSE]))
          \/ /\ CopyHides(it)
             /\ \E internal \in BOOLEAN :
                  \/ Becomes(i, OtherChanged([it EXCEPT !.concealed = internal]))
                  \/ Becomes(i, OtherChanged([OtherText(it) EXCEPT !.concealed = internal]))

Moves(sources, dest) == status \in sources /\ status' = dest
Moved(F(_)) == item' = [i \in Items |-> F(item[i])]

Accepting(it) == IF Created(it) /\ it.link = "local" /\ it.present /\ Shareable(it) THEN Delivered(it) ELSE it
Resuming(it) == IF it.link = "held" THEN (IF it.present THEN Delivered(it) ELSE Removed(it)) ELSE it
Completing(it) == IF Created(it) /\ Open(it) THEN [it EXCEPT !.link = "ended"] ELSE it

Action ==
  \/ Moves({"Unsent", "Declined", "Canceled"}, "Assigned") /\ UNCHANGED item
  \/ Moves({"Assigned"}, "Canceled") /\ UNCHANGED item
  \/ Moves({"Assigned"}, "Declined") /\ UNCHANGED item
  \/ Moves({"Accepted"}, "In Progress") /\ UNCHANGED item
  \/ Moves({"In Progress"}, "Waiting Approval") /\ UNCHANGED item
  \/ Moves({"Assigned"}, "Accepted") /\ Moved(Accepting)
  \/ Moves({"Waiting Approval"}, "In Progress") /\ Moved(Resuming)
  \/ Moves({"Waiting Approval"}, "Complete") /\ Moved(Completing)
  \/ Moves({"Accepted", "In Progress"}, "Complete") /\ Moved(Completing)

Next == Action \/ \E i \in Items : Event(i)

Spec == Init /\ [][Next]_vars

\* What has to hold in every state.
Held == \A i \in Items :
  LET it == item[i] phase == PhaseOf(status) IN
  /\ it.copied => phase # "none" /\ it.type = "file"
  /\ it.link = "linked" => it.copied
  /\ (it.link = "linked" /\ phase = "active" /\ Shareable(it) /\ it.present) => it.same
  /\ (it.owner = "service" /\ Hides(it.kind) /\ Open(it) /\ it.copied) => it.concealed
  /\ it.link = "deleted" => ~it.present
  /\ it.link = "held" => phase = "suspended"
  /\ (phase = "ended" /\ Created(it)) => ~Open(it)
=====================================================================================
