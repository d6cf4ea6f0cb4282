"""`simsync export`: one item's behaviour as the source of a model checker that is not ours, to check it again."""
