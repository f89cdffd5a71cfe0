from enum import StrEnum


class JoiningEvent(StrEnum):
    STARTED = "partners.start.begun"
    FIRST_ANSWER = "partners.start.first_answer"
