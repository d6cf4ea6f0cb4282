"""What one item can come to, under all combinations of readings at once, compiled once into arrays.

A policy whose readings are not chosen yet is a family of models that agree nearly everywhere. It is walked through once
as a featured transition system (Classen et al., 2013): each place and each step carries the set of the combinations
that it holds under. Item states and events are rows of integers (`items`). What is new at a level of the walk is
decided all at once: a row's condition is a column of booleans over the situations. Where a table answers otherwise for
some combinations than for others, the situation is parted (`asking`, `deciding`). Sets of combinations are Python's
integers, numbered so that arrays can hold them (`combinations`); how large they are does not matter to the arrays. What
an item's steps come to is kept by phase, since a step depends on nothing else of the status (`compiling`); `space`
joins it to places, and `member` walks through it as one combination does. `observations` numbers what can be seen, and
`pairs` searches for where two of them part; `comparing` does so for two models, also of two policies.

The engine stays what decides: a test holds the arrays against `step` on random walks. Sentences are the engine's, too:
whoever shows a step takes it with the engine.
"""
