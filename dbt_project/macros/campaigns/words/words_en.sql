{#
English, for all lists: one file per language, chosen by the variable `language`. What one list
alone says stands in that list's YAML.

    months       for {day_column:date}
    unnamed_product  how a product without a name is called
    decimal_mark     for {amount:decimal}
    thousands_mark   for every number of a thousand and more
    more_than        for {minutes:duration} with a rest: # is hours or days
    forms        {number:days}: a form for one, for many (# is the number), and for none if it differs
    codes        {kind:case_kind}: a code as a word
    exclusions   why somebody who qualifies is not on a list: by code, in_general said of many; one
                 without in_general is another sentence for a code
    value_reasons  why a value is what it is
    movements    why somebody stayed, came back or left
-#}
{% macro words_en() -%}
{%- set words -%}
months: [January, February, March, April, May, June, July, August, September, October, November, December]
day_of_month: "{day} {month}"
unnamed_product: machine
more_than: "more than #"
decimal_mark: "."
thousands_mark: ","

forms:
  minutes: {one: "1 minute", many: "# minutes"}
  hours: {one: "1 hour", many: "# hours"}
  days: {one: "1 day", many: "# days"}
  every_days: {one: "every day", many: "every # days"}
  days_ago: {none: "today", one: "1 day ago", many: "# days ago"}
  in_days: {none: "today", one: "tomorrow", many: "in # days"}
  categories: {one: "1 category", many: "# categories"}
  messages: {none: "no message", one: "1 message", many: "# messages"}
  last_messages: {one: "the last message", many: "the last # messages"}
  people: {none: "nobody", one: "1 person", many: "# people"}
  points: {none: "no points", one: "1 point", many: "# points"}
  points_lapse: {one: "1 point lapses", many: "# points lapse"}
  seats: {one: "1 seat", many: "# seats"}
  cases: {one: "1 case", many: "# cases"}
  reports: {one: "1 report", many: "# reports"}
  cases_open: {one: "1 case of theirs is still open", many: "# cases of theirs are still open"}
  contacts: {one: "1 contact", many: "# contacts"}
  other_cases: {one: "1 other case of theirs is open or went wrong", many: "# other cases of theirs are open or went wrong"}
  other_services: {one: "1 other service of theirs is due too", many: "# other services of theirs are due too"}
  times: {one: "once", many: "# times"}
  again: {one: "", many: " # times"}
  ordered_first: {one: "has ordered once,", many: "has ordered # times, the first time"}
  cases_unanswered: {one: "1 case without an answer, since", many: "# cases without an answer, the first since"}
  in_100: {none: "less than 1 in 100", one: "1 in 100", many: "# in 100", almost: "more than 99 in 100"}

codes:
  channel: {email: email, phone: phone, post: post, ads: advertising}
  occasion: {birthday: birthday, anniversary: anniversary}
  unit_start: {bought: bought, delivered: delivered, registered: registered}
  case_kind:
    question: question
    complaint: complaint
    repair: repair
    warranty_claim: warranty claim
    trade_in: trade-in
    recycling: recycling
    disposal: disposal

exclusions:
  deceased:
    sentence: has died
    in_general: has died
  erased:
    sentence: has asked to be erased
    in_general: has asked to be erased
  farewell_in_doubt:
    sentence: a report of a death or a request to be erased came that could not be read
    in_general: a death or erasure could not be read
  staff:
    sentence: works here
    in_general: works here
  minor:
    sentence: is under age
    in_general: under age
  age_unknown:
    sentence: nobody knows how old they are, and this list is for adults
    in_general: age unknown
  no_consent:
    sentence: "has not agreed to marketing by {channel:channel}"
    in_general: has not agreed to marketing
  consent_in_doubt:
    sentence: a word about consent came that could not be read
    in_general: a word about consent could not be read
  unreachable:
    sentence: "no usable address for {channel:channel}"
    in_general: no usable address
  unreachable_by_anything: no usable phone number or e-mail address   # of a service list
  bounced:
    sentence: "a message by {channel:channel} came back"
    in_general: a message came back
  opted_out:
    sentence: "has opted out of messages by {channel:channel}, for good"
    in_general: has opted out for good
  other_account:
    sentence: another account of this person has said no
    in_general: said no with another account
  shared_address:
    sentence: "somebody with the same address for {channel:channel} has said no, or has died"
    in_general: somebody with the same address said no
  open_case:
    sentence: a complaint, repair or warranty claim is still open
    in_general: a complaint, repair or claim is open
  quiet_after_bad_csat:
    sentence: "gave a bad score on {last_bad_csat_on:date}; quiet for {quiet_days_after_bad_csat:days}"
    in_general: "gave a bad score lately: left in peace"
  service_first:
    sentence: "something is owed to them first: {owed_by}"
    in_general: owed an apology or a call first
  contacted_recently:
    sentence: "last contact was on {last_contact_on:date}; {contact_gap_days:days} must pass"
    in_general: contacted only days ago
  contacted_often:
    sentence: "{contacts_in_window:contacts} in {contacts_window_days:days}; at most {contacts_in_window_max}"
    in_general: contacted often enough lately
  order_undecided:
    sentence: an order came without lines, and nobody knows yet whether they bought
    in_general: an order came without its lines
  value_unknown:
    sentence: they also bought in a currency without a rate, and nobody knows for how much
    in_general: bought in a currency without a rate
  sale_in_doubt:
    sentence: a row about an order of theirs came that could not be read
    in_general: a row about an order could not be read
  case_in_doubt:
    sentence: a row about a case of theirs came that could not be read
    in_general: a row about a case could not be read
  claim_in_doubt:
    sentence: a row came that could not be read, and may change what this list says of them
    in_general: a row that the list rests on could not be read
  account_in_doubt:
    sentence: a row about who they are came that could not be read
    in_general: a row about who they are could not be read
  answer_in_doubt:
    sentence: an answer to a survey came that could not be read
    in_general: an answer to a survey could not be read
  resting:
    sentence: "is left in peace: {why_resting}"
    in_general: left in peace for now
  next_time:
    sentence: "can join when the list is next made, on {next_on:date}"
    in_general: can join when the list is next made
  withheld:
    sentence: "the list is withheld tonight: {missing_feeds}"
    in_general: the list is withheld tonight
  other_list:
    sentence: is on a marketing list that comes first tonight
    in_general: on a list that comes first, or housemate is
  housemate_is_on_it: somebody else of the household is on the list
  housemate_comes_first: somebody else of the household is on a marketing list that comes first tonight
  other_call:
    sentence: "is on {called_for} tonight; one call a day"
    in_general: called for another list tonight
  waiting_list:
    sentence: "number {place_in_queue:number} on the waiting list; {capacity} at a time"
    in_general: "waiting: capacity is used up"

movements:
  stayed: "on the list since {entered_on:date}"
  came_back: "back again, first on the list on {entered_on:date}"
  list_is_gone: the list is no longer made

value_reasons:
  bought_once: "bought on one day, {days_since_last:days_ago}; of those who come back within a year, half have by day {t_50}"
  bought_once_so_far: "bought on one day, {days_since_last:days_ago}"
  rhythm: "bought on {purchase_days:days}, half of the time again within {usual_gap_days:days}; now {days_since_last:days}"
  bought_twice: "bought twice, {recency_days:days} apart; the last time {days_since_last:days_ago}"
  arithmetic: "expected in 12 months: {expected_orders:decimal} orders of {expected_order_value:decimal} {currency}, margin {margin_pct}%, less {order_costs:decimal} for shipping, fees and returns and {cost_to_serve_12m:decimal} for service"

# Why a feed is not in, after the feed's name.
feeds:
  together: " and"
  missing: " is missing since {missing_on}"
  refused: " has {refused_files} refused file of {refused_on}"
  refused_often: " has {refused_files} refused files since {refused_on}"
  doubted: " is in doubt since {doubted_on} (a header alone, no row that could be read, no line end, an earlier file again, or far fewer rows than usual: send that day again)"
  nobody_delivers: "{feed} is delivered by no system"
  switched_off: "{feed} is not switched on"

value_notes:
  loses_on_goods: "loses on goods: the range of value is an outer bound"
  costly: "costs above 1.5 times the margin on goods: the range of value is rough"
{%- endset -%}
{{ return(fromyaml(words)) }}
{%- endmacro %}
