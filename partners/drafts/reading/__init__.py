"""Other people's catalogues and questionnaires, read into documents of ours. Pure.

What comes out is a draft: a person reads it, another one publishes it. Whose words they are goes
along in `licence` and `attribution`.
"""
