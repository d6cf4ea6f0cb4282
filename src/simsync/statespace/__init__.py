"""The state space of one item under all combinations of readings at once, compiled into arrays.

A policy whose readings are not chosen yet is a family of models that agree nearly everywhere. It is walked through once
as a featured transition system (Classen et al., 2013): each state and each step carries the set of the combinations
that it holds under. There is one such space, and every question asks it:

- *States.* Free texts do not count (`abstraction`). Item states and events are rows of integers (`items`), facts are
  columns of codes (`columns`), sets of combinations are numbered integers of bits (`combinations`).
- *Steps.* What is new at a level of the walk is decided all at once: a row's condition is a column of booleans. Where a
  table answers otherwise for some combinations, the situation is parted (`table_lookup`, `featured_rules`). Events that
  do the same to an item are looked at once (`event_equivalence`). An item's steps depend on the status through its
  phase alone (`compiling`); `space` joins them to states.
- *One model of the family.* `member` walks as one combination does; `transition_table` has it as dense arrays.
- *What can be seen.* `observations` numbers it; `product_search` finds where two sides first part, and `comparing` does
  so for two models, also of two policies; `differences` says what kind of difference that is.
- *What comes about.* `reachability` under any combination, held against all cells of a table (`grid`);
  `variant_traces` in a trace with any number of items; `read_every_way` has the engine alone do it, for rules of any
  kind. `describing` says sets of combinations in words.
- *Many items.* They share the status alone (`independence`), so that their states can be counted without being visited
  (`counting`, a counting abstraction); `explicit` visits them, over `bitmaps`. `properties` judges what is claimed, and
  `query` is the language of `find`, `last_step` what it says of the step that leads there.
- *Keeping.* `array_cache` and `table_cache` keep what was compiled from one run to the next, `checkpoint` a search.

The engine stays what decides: tests hold the arrays against `step`. Sentences are the engine's, too: whoever shows a
step takes it with the engine.
"""
