"""Which test shows each scenario (S), transition (T) and invariant (I) of a consent.

A rule may have more tests than the one that stands here, found by its number or its words; it never
has none. `arrangements/test_state_machine.py` drives T1 to T20 in any order and looks at the
invariants after each step.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RULES = {
    # Scenarios
    "S1": "races/test_withdrawal_races.py::test_s1_a_withdrawal_against_an_exchange_in_200",
    "S2": "races/test_code_races.py::test_s2_a_hoarded_code_brings_nothing_back",
    "S3": "races/test_withdrawal_races.py::test_s3_a_refresh_that_comes_after_the_withdrawal",
    "S4": "races/test_change_races.py::test_s4_what_is_switched_off_is_gone_from_the_next_call",
    "S5": "races/test_change_races.py::test_s5_two_amendments_from_one_version_in_two_tabs",
    "S6": "races/test_change_races.py::test_s6_a_screen_that_stands_on_an_older_version",
    "S7": "races/test_end_races.py::test_s7_the_end_is_one_instant_in_the_night",
    "S8": "races/test_end_races.py::test_s8_no_token_outlives_the_consent",
    "S9": "races/test_code_races.py::test_s9_an_answer_that_is_sent_twice_at_once",
    "S10": "races/test_end_races.py::test_s10_an_application_suspended_while_its_screen_is_open",
    "S11": "consent/arrangements/test_closed_partners.py::test_s11_a_killed_batch",
    "S12": "consent/rights/test_closing.py::test_s12_a_copy_in_the_making_stops",
    "S13": "races/test_end_races.py::test_s13_a_locked_account_shares_nothing",
    "S14": "races/test_end_races.py::test_s14_two_gateways_refuse_at_once",
    "S15": "races/test_code_races.py::test_s15_a_code_that_comes_back_ends_what_came_from_it",
    "S16": "races/test_code_races.py::test_s16_a_rotated_token_that_comes_back_ends_its_family",
    "S17": "races/test_inflation.py::test_s17_what_is_stored_is_byte_for_byte_what_was_displayed",
    "S18": "consent/test_scenarios_of_fields.py::test_s18_a_field_that_joins_a_cluster",
    "S19": "consent/test_scenarios_of_fields.py::test_s19_a_field_that_is_not_shared_is_told",
    "S20": "consent/test_scenarios_of_fields.py::test_s20_names_of_another_customer_or_application",
    "S21": "flows/test_jobs.py::test_s21_what_was_committed_is_told_although_the_worker_was_killed",
    "S22": "consent/campaigns/test_asking.py::test_s22_the_dry_run_counts_exactly_whom",
    "S23": "consent/oauth/test_children.py::test_s23_at_twelve_the_flow_ends_without_a_code",
    "S24": "consent/receipts/test_reproduction.py::test_s24_with_the_triggers_off",
    "S25": "races/test_stop_all_races.py::test_s25_stopping_forty_while_three_expire",
    # Transitions
    "T1": "consent/arrangements/test_actions.py::test_giving_keeps_the_words_the_fields",
    "T2": "consent/oauth/test_authorize.py::test_f27_saying_no_sends_the_refusal",
    "T3": "consent/arrangements/test_actions.py::test_narrowing_leaves_out_and_never_adds",
    "T4": "consent/arrangements/test_changing.py::test_t4_more_is_an_amendment",
    "T5": "consent/arrangements/test_changing.py::test_t5_the_same_for_longer_is_an_extension",
    "T6": "consent/oauth/test_lives.py::test_t6_a_pause_stops_the_next_call",
    "T7": "consent/arrangements/test_actions.py::test_withdrawing_ends_it_with_a_receipt",
    "T8": "consent/oauth/test_grants.py::test_g7_deleting_a_grant_ends_it_and_every_token_at_once",
    "T9": "consent/arrangements/test_actions.py::test_the_sweep_writes_down_what_the_clock",
    "T10": "consent/arrangements/test_closed_partners.py::test_t10_a_suspension_is_derived",
    "T11": "consent/arrangements/test_closed_partners.py::test_t11_what_was_withdrawn_while",
    "T12": "consent/arrangements/test_closed_partners.py::test_s11_all_that_runs_with_a_closed",
    "T13": "consent/gateway/test_ends.py::test_callers_read_when_it_is_deprecated",
    "T14": "consent/arrangements/test_changing.py::test_t14_what_is_shared_goes_on_until_the",
    "T15": "consent/oauth/test_own_notice.py::test_s22_a_decision_on_an_older_screen_refers",
    "T16": "consent/arrangements/test_closed_partners.py::test_t16_who_closes_an_account",
    "T17": "consent/arrangements/test_closed_partners.py::test_t17_a_locked_account_is_derived",
    "T18": "consent/guardians/test_guardians.py::test_t18_the_young_adult_is_asked_again",
    "T19": "consent/guardians/test_guardians.py::test_t19_what_a_guardian_allowed_is_paused",
    "T20": "consent/oauth/test_lives.py::test_t20_what_should_never_have_been_agreed_to",
    # Invariants
    "I1": "consent/test_invariants.py::test_i1_no_call_passes_while_it_is_not_active",
    "I2": "consent/test_invariants.py::test_i2_every_code_and_token_says_what_it_was_issued",
    "I3": "consent/test_invariants.py::test_i3_what_is_of_an_older_epoch_is_refused_everywhere",
    "I4": "consent/test_invariants.py::test_i4_nothing_issued_lives_on_after_an_end",
    "I5": "consent/test_invariants.py::test_i5_the_state_is_what_its_events_come_to",
    "I6": "consent/test_invariants.py::test_i6_what_is_proof_is_neither_changed_nor_deleted",
    "I7": "consent/test_invariants.py::test_i7_nothing_is_given_beyond_what_is_approved",
    "I8": "consent/test_invariants.py::test_i8_no_item_without_purpose_cluster_and_retention",
    "I9": "consent/test_invariants.py::test_i9_no_version_lasts_longer_than_a_year",
    "I10": "consent/test_invariants.py::test_i10_narrowing_never_adds_whichever_is_left",
    "I11": "consent/test_invariants.py::test_i11_fields_come_from_the_cluster_as_it_was_pinned",
    "I12": "consent/test_invariants.py::test_i12_the_news_is_promised_with_the_change",
    "I13": "consent/arrangements/test_changing.py::test_i13_nobody_but_the_customer_gives",
    "I14": "consent/receipts/test_reproduction.py::test_i14_every_receipt_is_made_again",
    "I15": "architecture/test_leaks.py::test_no_log_holds_a_secret_or_a_person",
    "I16": "consent/test_invariants.py::test_i16_two_applications_know_somebody_by_two_names",
    "I17": "browser/test_checklist.py::test_give_change_and_withdraw_by_keyboard_alone",
    "I18": "consent/guardians/test_guardians.py::test_i18_a_child_agrees_to_nothing_by_itself",
    "I19": "consent/test_invariants.py::test_i19_it_ends_at_the_instant_though_nobody_swept",
    "I20": "consent/test_outages.py::test_stopping_needs_nothing_but_the_database",
    "I21": "consent/test_invariants.py::test_i21_i22_a_question_is_answered_once",
    "I22": "consent/test_invariants.py::test_i21_i22_a_question_is_answered_once",
    "I23": "consent/test_invariants.py::test_i23_a_refresh_raises_nothing_lengthens_nothing",
    "I24": "consent/test_invariants.py::test_i24_what_was_read_is_of_what_was_shared",
}  # fmt: skip


def test_every_scenario_transition_and_invariant_has_a_test_that_is_there():
    numbered = {"S": 25, "T": 20, "I": 24}
    rules = {f"{kind}{number}" for kind, last in numbered.items() for number in range(1, last + 1)}
    missing = [
        f"{rule}: {place}"
        for rule, place in RULES.items()
        if not re.search(rf"^def {place.partition('::')[2]}", _source(place), re.MULTILINE)
    ]

    assert set(RULES) == rules
    assert not missing


def _source(place: str) -> str:
    path = ROOT / place.partition("::")[0]
    return path.read_text(encoding="utf-8") if path.is_file() else ""
