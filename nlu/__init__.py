"""Reading citizens' messages: trained and judged by Rasa, served without it.

Nothing here may import `bot`, `channels` or `actions`: the two sides share only HTTP and the files of
`nlu_data/`.
"""
