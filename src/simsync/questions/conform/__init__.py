"""`simsync conform`: does a system follow the rules, and if not, which does it break?"""
