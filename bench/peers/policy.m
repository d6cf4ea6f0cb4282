-- The shipped policy under its default readings, with N items, written by hand for Rumur.
--
-- A state is the status and the items; what texts are does not count, only whether the copy's is the original's. Every
-- event of an item and every status action is one rule, so that Rumur's counts are those of simsync. Items are a
-- scalarset: with symmetry reduction only how many items are alike counts.
--
--   rumur --deadlock-detection off --symmetry-reduction off --output policy.c policy.m
--   gcc -std=c11 -O3 -march=native -mcx16 -o policy policy.c -lpthread; ./policy

const
  N: 2;

type
  index: scalarset(N);
  status_type: enum { unsent, assigned, canceled, declined, accepted, in_progress, waiting_approval, complete };
  phase_type: enum { none, active, suspended, ended };
  partner: enum { lead, service };
  kind_type: enum { nothing, time_entry, charge, note, attachment };  -- nothing: not created yet
  address_type: enum { file, file_link, folder_link, url };           -- everything but an attachment has file
  link_type: enum { local, linked, held, severed, over, deleted };
  item_type: record
    owner: partner;
    kind: kind_type;
    address: address_type;
    internal: boolean;
    present: boolean;    -- until its owner deletes it
    copied: boolean;     -- the other ticket has a copy
    concealed: boolean;  -- the copy is for internal users only
    same: boolean;       -- the copy has the original's text; true once there is no original to compare with
    link: link_type;
  endrecord;

var
  status: status_type;
  item: array [index] of item_type;

function phase(): phase_type;
begin
  switch status
  case accepted, in_progress: return active;
  case waiting_approval: return suspended;
  case complete: return ended;
  endswitch;
  return none;
end;

function has_ticket(who: partner): boolean;
begin
  return who = lead | phase() != none;
end;

function hides(kind: kind_type): boolean;
begin
  return kind = note | kind = attachment;
end;

function shareable(i: index): boolean;
begin
  return item[i].kind = time_entry | item[i].kind = charge | (!item[i].internal & item[i].address = file);
end;

function open(i: index): boolean;
begin
  return item[i].link = local | item[i].link = linked | item[i].link = held;
end;

function owned(i: index; who: partner): boolean;
begin
  return item[i].kind != nothing & item[i].owner = who & item[i].present;
end;

function copied_to(i: index; who: partner): boolean;
begin
  return item[i].copied & item[i].owner != who;
end;

function copy_hides(i: index): boolean;
begin
  return hides(item[i].kind) | (item[i].kind = time_entry & item[i].owner = lead);
end;

-- The owner's present text goes to the other ticket, where a copy comes into being if there is none.
procedure deliver(i: index);
begin
  assert "only what may cross over does, and only while active" phase() = active & shareable(i) & open(i);
  if !item[i].copied then
    item[i].copied := true;
    item[i].concealed := item[i].owner = service & hides(item[i].kind);
  endif;
  item[i].same := true;
  item[i].link := linked;
end;

procedure remove_copy(i: index);
begin
  assert "only what may cross over does, and only while active" phase() = active & shareable(i) & open(i);
  item[i].copied := false;
  item[i].concealed := false;
  item[i].link := deleted;
end;

procedure create(i: index; who: partner; kind: kind_type; internal: boolean; address: address_type);
begin
  item[i].owner := who;
  item[i].kind := kind;
  item[i].internal := internal;
  item[i].address := address;
  item[i].present := true;
  switch phase()
  case active: if shareable(i) then deliver(i); endif;
  case suspended: if shareable(i) then item[i].link := held; endif;
  case ended: item[i].link := over;
  endswitch;
end;

procedure own_edited(i: index);
begin
  if open(i) then
    switch phase()
    case active:
      if shareable(i) then deliver(i); endif;
    case suspended:
      if shareable(i) then
        item[i].link := held;
      elsif item[i].link = held then
        if item[i].copied then item[i].link := linked; else item[i].link := local; endif;
      endif;
    endswitch;
  endif;
end;

procedure own_deleted(i: index);
begin
  item[i].present := false;
  item[i].same := true;
  if open(i) then
    switch phase()
    case none:
      item[i].link := deleted;
    case active:
      if shareable(i) & item[i].copied then remove_copy(i); else item[i].link := deleted; endif;
    case suspended:
      if shareable(i) & item[i].copied then item[i].link := held; else item[i].link := deleted; endif;
    endswitch;
  endif;
end;

procedure text_edited(i: index);  -- of the copy
begin
  item[i].same := !item[i].present;
end;

procedure other_changed(i: index);
begin
  if item[i].link = linked | item[i].link = held then item[i].link := severed; endif;
end;

-- Events of one item.

ruleset i: index; who: partner do
  alias it: item[i] do

  rule "create time entry" it.kind = nothing & has_ticket(who) ==>
  begin create(i, who, time_entry, false, file); end;

  rule "create charge" it.kind = nothing & has_ticket(who) ==>
  begin create(i, who, charge, false, file); end;

  ruleset internal: boolean do
    rule "create note" it.kind = nothing & has_ticket(who) ==>
    begin create(i, who, note, internal, file); end;

    ruleset address: address_type do
      rule "create attachment" it.kind = nothing & has_ticket(who) ==>
      begin create(i, who, attachment, internal, address); end;
    endruleset;

    rule "edit one's own: internal" owned(i, who) & hides(it.kind) ==>
    begin it.internal := internal; own_edited(i); end;

    rule "edit one's own: text, internal" owned(i, who) & hides(it.kind) ==>
    begin it.same := false; it.internal := internal; own_edited(i); end;

    rule "edit a copy: internal" copied_to(i, who) & copy_hides(i) ==>
    begin it.concealed := internal; other_changed(i); end;

    rule "edit a copy: text, internal" copied_to(i, who) & copy_hides(i) ==>
    begin text_edited(i); it.concealed := internal; other_changed(i); end;
  endruleset;

  rule "edit one's own: text" owned(i, who) ==>
  begin it.same := false; own_edited(i); end;

  rule "delete one's own" owned(i, who) ==>
  begin own_deleted(i); end;

  rule "edit a copy: text" copied_to(i, who) ==>
  begin text_edited(i); other_changed(i); end;

  rule "delete a copy" copied_to(i, who) ==>
  begin text_edited(i); it.copied := false; it.concealed := false; other_changed(i); end;

  endalias;
endruleset;

-- Status actions.

procedure finish();
begin
  status := complete;
  for i: index do
    if item[i].kind != nothing & open(i) then item[i].link := over; endif;
  endfor;
end;

rule "outsource" status = unsent | status = declined | status = canceled ==> begin status := assigned; end;
rule "cancel" status = assigned ==> begin status := canceled; end;
rule "decline" status = assigned ==> begin status := declined; end;
rule "start" status = accepted ==> begin status := in_progress; end;
rule "insource complete" status = in_progress ==> begin status := waiting_approval; end;
rule "approve completion" status = waiting_approval ==> begin finish(); end;
rule "complete" status = accepted | status = in_progress ==> begin finish(); end;

rule "accept" status = assigned ==>
begin
  status := accepted;
  for i: index do
    if item[i].kind != nothing & item[i].link = local & item[i].present & shareable(i) then deliver(i); endif;
  endfor;
end;

rule "reject completion" status = waiting_approval ==>
begin
  status := in_progress;
  for i: index do
    if item[i].link = held then
      if item[i].present then deliver(i); else remove_copy(i); endif;
    endif;
  endfor;
end;

ruleset first: status_type do
  startstate "any status, no items"
  begin
    status := first;
    for i: index do
      item[i].owner := lead;
      item[i].kind := nothing;
      item[i].address := file;
      item[i].internal := false;
      item[i].present := false;
      item[i].copied := false;
      item[i].concealed := false;
      item[i].same := false;
      item[i].link := local;
    endfor;
  end;
endruleset;

-- What has to hold in every state.

ruleset i: index do
  invariant "no copy before acceptance, nor ever of an address" item[i].copied -> phase() != none & item[i].address = file;
  invariant "linked has a copy" item[i].link = linked -> item[i].copied;
  invariant "linked is never stale"
    item[i].link = linked & phase() = active & shareable(i) & item[i].present -> item[i].same;
  invariant "a service partner's text stays hidden"
    item[i].owner = service & hides(item[i].kind) & open(i) & item[i].copied -> item[i].concealed;
  invariant "deleted is gone at its owner" item[i].link = deleted -> !item[i].present;
  invariant "held only while suspended" item[i].link = held -> phase() = suspended;
  invariant "no open link after completion" phase() = ended & item[i].kind != nothing -> !open(i);
endruleset;
