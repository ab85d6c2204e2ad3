{#
German, for all lists; words_en.sql says what each part is. Nouns that follow a preposition with the
dative have forms of their own (of_days: "in 3 Tagen" but "3 Tage").
-#}
{% macro words_de() -%}
{%- set words -%}
months: [Januar, Februar, März, April, Mai, Juni, Juli, August, September, Oktober, November, Dezember]
day_of_month: "{day}. {month}"
unnamed_product: Gerät
more_than: "mehr als #"
decimal_mark: ","
thousands_mark: "."

forms:
  minutes: {one: "1 Minute", many: "# Minuten"}
  hours: {one: "1 Stunde", many: "# Stunden"}
  days: {one: "1 Tag", many: "# Tage"}
  of_days: {one: "1 Tag", many: "# Tagen"}
  every_days: {one: "jeden Tag", many: "alle # Tage"}
  days_ago: {none: "heute", one: "gestern", many: "vor # Tagen"}
  in_days: {none: "heute", one: "morgen", many: "in # Tagen"}
  categories: {one: "1 Kategorie", many: "# Kategorien"}
  messages: {none: "keine Nachricht", one: "1 Nachricht", many: "# Nachrichten"}
  last_messages: {one: "die letzte Nachricht", many: "die letzten # Nachrichten"}
  people: {none: "niemanden", one: "1 Person", many: "# Personen"}
  points: {none: "keine Punkte", one: "1 Punkt", many: "# Punkte"}
  of_points: {none: "keinen Punkten", one: "1 Punkt", many: "# Punkten"}
  points_missing: {one: "fehlt 1 Punkt", many: "fehlen # Punkte"}
  points_lapse: {one: "1 Punkt verfällt", many: "# Punkte verfallen"}
  seats: {one: "1 Platz", many: "# Plätze"}
  cases: {one: "1 Vorgang", many: "# Vorgänge"}
  reports: {one: "1 Meldung", many: "# Meldungen"}
  cases_open: {one: "1 Vorgang ist noch offen", many: "# Vorgänge sind noch offen"}
  contacts: {none: "kein Kontakt", one: "1 Kontakt", many: "# Kontakte"}
  had_contacts: {none: "keinen Kontakt", one: "1 Kontakt", many: "# Kontakte"}
  other_cases: {one: "1 weiterer Vorgang ist offen oder ging schief", many: "# weitere Vorgänge sind offen oder gingen schief"}
  other_services: {one: "1 weitere Wartung ist auch fällig", many: "# weitere Wartungen sind auch fällig"}
  times: {none: "nie", one: "einmal", many: "#-mal"}
  again: {one: "", many: " #-mal"}
  ordered_first: {one: "hat einmal bestellt,", many: "hat #-mal bestellt, zum ersten Mal"}
  cases_unanswered: {one: "1 Vorgang, seit dem", many: "# Vorgänge, der erste seit dem"}
  in_100: {none: "weniger als 1 von 100", one: "1 von 100", many: "# von 100", almost: "mehr als 99 von 100"}

codes:
  channel: {email: E-Mail, phone: Telefon, post: Post, ads: Anzeigen}
  occasion: {birthday: Geburtstag, anniversary: Jahrestag}
  unit_start: {bought: gekauft, delivered: geliefert, registered: registriert}
  case_kind:
    question: Frage
    complaint: Beschwerde
    repair: Reparatur
    warranty_claim: Garantiefall
    trade_in: Inzahlungnahme
    recycling: Rückgabe
    disposal: Entsorgung

exclusions:
  deceased:
    sentence: ist verstorben
    in_general: ist verstorben
  erased:
    sentence: will gelöscht werden
    in_general: will gelöscht werden
  farewell_in_doubt:
    sentence: eine Meldung über einen Todesfall oder eine Löschung war nicht lesbar
    in_general: ein Todesfall oder eine Löschung war nicht lesbar
  staff:
    sentence: arbeitet hier
    in_general: arbeitet hier
  minor:
    sentence: ist minderjährig
    in_general: minderjährig
  age_unknown:
    sentence: "das Alter ist nicht bekannt, und diese Liste ist für Erwachsene"
    in_general: Alter unbekannt
  no_consent:
    sentence: "hat Werbung per {channel:channel} nicht zugestimmt"
    in_general: hat Werbung nicht zugestimmt
  consent_in_doubt:
    sentence: ein Wort zur Einwilligung war nicht lesbar
    in_general: ein Wort zur Einwilligung war nicht lesbar
  unreachable:
    sentence: "keine brauchbare Adresse für {channel:channel}"
    in_general: keine brauchbare Adresse
  unreachable_by_anything: keine brauchbare Telefonnummer oder E-Mail-Adresse
  bounced:
    sentence: "eine Nachricht per {channel:channel} kam zurück"
    in_general: eine Nachricht kam zurück
  opted_out:
    sentence: "will keine Nachrichten per {channel:channel} mehr, auf Dauer"
    in_general: hat sich auf Dauer abgemeldet
  other_account:
    sentence: ein anderes Konto dieser Person hat nein gesagt
    in_general: hat mit einem anderen Konto nein gesagt
  shared_address:
    sentence: "jemand mit derselben Adresse für {channel:channel} hat nein gesagt oder ist verstorben"
    in_general: jemand mit derselben Adresse hat nein gesagt
  open_case:
    sentence: eine Beschwerde, eine Reparatur oder ein Garantiefall ist noch offen
    in_general: eine Beschwerde, Reparatur oder Garantie ist offen
  quiet_after_bad_csat:
    sentence: "gab am {last_bad_csat_on:date} eine schlechte Note; Ruhe für {quiet_days_after_bad_csat:days}"
    in_general: "gab kürzlich eine schlechte Note: wird in Ruhe gelassen"
  service_first:
    sentence: "ihnen ist zuerst etwas geschuldet: {owed_by}"
    in_general: Entschuldigung oder Anruf geht vor
  contacted_recently:
    sentence: "letzter Kontakt am {last_contact_on:date}; Mindestabstand {contact_gap_days:days}"
    in_general: erst vor wenigen Tagen angesprochen
  contacted_often:
    sentence: "{contacts_in_window:contacts} in {contacts_window_days:of_days}; höchstens {contacts_in_window_max}"
    in_general: zuletzt oft genug angesprochen
  order_undecided:
    sentence: "eine Bestellung kam ohne Positionen, und niemand weiß, ob gekauft wurde"
    in_general: eine Bestellung kam ohne Positionen
  value_unknown:
    sentence: "hat auch in einer Währung ohne Kurs gekauft, und niemand weiß, für wie viel"
    in_general: hat in einer Währung ohne Kurs gekauft
  sale_in_doubt:
    sentence: eine Zeile zu einer Bestellung war nicht lesbar
    in_general: eine Zeile zu einer Bestellung war nicht lesbar
  case_in_doubt:
    sentence: eine Zeile zu einem Vorgang war nicht lesbar
    in_general: eine Zeile zu einem Vorgang war nicht lesbar
  claim_in_doubt:
    sentence: eine Zeile war nicht lesbar, die ändern kann, was diese Liste von ihnen sagt
    in_general: eine Zeile, auf der die Liste beruht, war nicht lesbar
  account_in_doubt:
    sentence: eine Zeile zu ihrer Person war nicht lesbar
    in_general: eine Zeile zur Person war nicht lesbar
  answer_in_doubt:
    sentence: eine Antwort auf eine Umfrage war nicht lesbar
    in_general: eine Antwort auf eine Umfrage war nicht lesbar
  resting:
    sentence: "wird in Ruhe gelassen: {why_resting}"
    in_general: wird vorerst in Ruhe gelassen
  next_time:
    sentence: "kann frühestens dazukommen, wenn die Liste das nächste Mal gemacht wird, am {next_on:date}"
    in_general: frühestens, wenn die Liste das nächste Mal gemacht wird
  withheld:
    sentence: "die Liste wird heute zurückgehalten: {missing_feeds}"
    in_general: die Liste wird heute zurückgehalten
  other_list:
    sentence: steht heute auf einer Werbeliste, die vorgeht
    in_general: auf einer Liste, die vorgeht, oder jemand im Haushalt
  housemate_is_on_it: jemand anderes im Haushalt steht auf der Liste
  housemate_comes_first: jemand anderes im Haushalt steht heute auf einer Werbeliste, die vorgeht
  other_call:
    sentence: "steht heute auf {called_for}; ein Anruf am Tag"
    in_general: wird heute für eine andere Liste angerufen
  waiting_list:
    sentence: "Nummer {place_in_queue:number} auf der Warteliste; je Mal {capacity}"
    in_general: "wartet: die Plätze sind vergeben"

movements:
  stayed: "auf der Liste seit dem {entered_on:date}"
  came_back: "wieder da, zum ersten Mal auf der Liste am {entered_on:date}"
  list_is_gone: die Liste wird nicht mehr gemacht

value_reasons:
  bought_once: "hat an einem Tag gekauft, {days_since_last:days_ago}; von denen, die binnen eines Jahres wiederkommen, hat die Hälfte es bis Tag {t_50} getan"
  bought_once_so_far: "hat an einem Tag gekauft, {days_since_last:days_ago}"
  rhythm: "hat an {purchase_days:of_days} gekauft, in der Hälfte der Fälle binnen {usual_gap_days:of_days} wieder; jetzt {days_since_last:days}"
  bought_twice: "hat zweimal gekauft, mit {recency_days:of_days} Abstand; zuletzt {days_since_last:days_ago}"
  arithmetic: "erwartet in 12 Monaten: {expected_orders:decimal} Bestellungen zu {expected_order_value:decimal} {currency}, Marge {margin_pct} %, abzüglich {order_costs:decimal} für Versand, Gebühren und Rücksendungen und {cost_to_serve_12m:decimal} für den Service"

feeds:
  together: " und"
  missing: " fehlt seit {missing_on}"
  refused: " hat {refused_files} abgelehnte Datei vom {refused_on}"
  refused_often: " hat {refused_files} abgelehnte Dateien seit {refused_on}"
  doubted: " ist zweifelhaft seit {doubted_on} (nur eine Kopfzeile, keine lesbare Zeile, kein Zeilenende, eine frühere Datei noch einmal oder viel weniger Zeilen als sonst: den Tag noch einmal senden)"
  nobody_delivers: "{feed} liefert kein System"
  switched_off: "{feed} ist nicht eingeschaltet"

value_notes:
  loses_on_goods: "Verlust an der Ware: die Spanne des Werts ist eine äußere Grenze"
  costly: "Kosten über dem 1,5-Fachen der Marge an der Ware: die Spanne des Werts ist grob"
{%- endset -%}
{{ return(fromyaml(words)) }}
{%- endmacro %}
