"""What customers write: case subjects by language and kind, comments by language and mood."""

from __future__ import annotations

LANGUAGES = ("nl", "de", "en", "fr")

# Three wordings per kind (in the order of service.KINDS); the product's name follows.
SUBJECTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "en": (
        ("How do I set up", "A question about", "Which parts fit"),
        ("Not happy with", "Still waiting for an answer on", "Something is wrong with"),
        ("Repair needed", "Leaking and noisy", "Stopped working"),
        ("Warranty claim", "Broken within warranty", "Fault within two years"),
        ("Trade in my", "What do I get for my", "I would like to swap my"),
        ("Please recycle", "Where can I bring my old", "Take back"),
        ("How do I dispose of", "Collect for disposal", "Disposal of"),
    ),
    "nl": (
        ("Hoe stel ik dit in:", "Vraag over", "Welke onderdelen passen op"),
        ("Niet tevreden over", "Wacht nog op antwoord over", "Er klopt iets niet met"),
        ("Reparatie nodig:", "Lekt en maakt lawaai:", "Doet het niet meer:"),
        ("Garantie aanvragen voor", "Defect binnen garantie:", "Storing binnen twee jaar:"),
        ("Inruilen:", "Wat krijg ik voor mijn", "Ik wil graag ruilen:"),
        ("Graag recyclen:", "Waar kan ik dit inleveren:", "Terugnemen:"),
        ("Hoe gooi ik dit weg:", "Ophalen en afvoeren:", "Afvoeren van"),
    ),
    "de": (
        ("Wie stelle ich das ein:", "Frage zu", "Welche Teile passen zu"),
        ("Nicht zufrieden mit", "Warte noch auf Antwort zu", "Etwas stimmt nicht mit"),
        ("Reparatur nötig:", "Undicht und laut:", "Geht nicht mehr:"),
        ("Garantiefall:", "Defekt innerhalb der Garantie:", "Störung nach kurzer Zeit:"),
        ("Inzahlungnahme:", "Was bekomme ich für", "Ich möchte tauschen:"),
        ("Bitte recyceln:", "Wo gebe ich das ab:", "Rücknahme:"),
        ("Wie entsorge ich", "Abholung zur Entsorgung:", "Entsorgung von"),
    ),
    "fr": (
        ("Comment régler", "Question sur", "Quelles pièces pour"),
        ("Pas satisfait de", "Toujours pas de réponse :", "Un problème avec"),
        ("Réparation :", "Fuite et bruit :", "Ne marche plus :"),
        ("Demande de garantie :", "En panne sous garantie :", "Défaut dans les deux ans :"),
        ("Reprise :", "Combien pour mon", "Je voudrais échanger"),
        ("À recycler :", "Où rapporter", "Reprise de l'ancien :"),
        ("Comment jeter", "Enlèvement :", "Mise au rebut :"),
    ),
}

# Three comments per mood, worst to best, then ideas for a product.
COMMENTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "en": (
        ("Nobody answered for days.", "I will not order again.", "Promised a call, never came."),
        ("Took far too long.", "Had to ask three times.", "Still not solved properly."),
        ("It was all right.", "Average, I expected more.", "Fine in the end."),
        ("Good, quick delivery.", "Friendly and clear.", "Works as described, good value."),
        ("Excellent, thank you!", "The best beans I have had.", "Solved within the hour, great."),
        ("A smaller kettle for camping.", "Beans in refill tins.", "A quieter grinder, please."),
    ),
    "nl": (
        ("Dagenlang geen antwoord.", "Hier bestel ik niet meer.", "Zou bellen, nooit gebeurd."),
        ("Duurde veel te lang.", "Drie keer moeten vragen.", "Nog niet goed opgelost."),
        ("Het was oké.", "Gemiddeld, had meer verwacht.", "Uiteindelijk in orde."),
        ("Goed, snel geleverd.", "Vriendelijk en duidelijk.", "Doet wat het moet doen."),
        ("Uitstekend, dank je wel!", "De lekkerste bonen tot nu toe.", "Binnen een uur opgelost."),
        ("Een kleinere ketel voor op reis.", "Bonen in navulblik.", "Een stillere molen graag."),
    ),
    "de": (
        ("Tagelang keine Antwort.", "Hier bestelle ich nicht mehr.", "Rückruf kam nie."),
        ("Hat viel zu lange gedauert.", "Musste dreimal nachfragen.", "Noch nicht richtig gelöst."),
        ("War in Ordnung.", "Durchschnitt, mehr erwartet.", "Am Ende gut."),
        ("Gut, schnell geliefert.", "Freundlich und klar.", "Wie beschrieben, guter Preis."),
        ("Hervorragend, vielen Dank!", "Die besten Bohnen bisher.", "In einer Stunde gelöst."),
        ("Ein kleinerer Kessel für unterwegs.", "Bohnen im Nachfüllpack.", "Eine leisere Mühle."),
    ),
    "fr": (
        ("Aucune réponse pendant des jours.", "Je ne commande plus ici.", "Jamais rappelé."),
        ("Beaucoup trop long.", "Il a fallu demander trois fois.", "Toujours pas bien réglé."),
        ("Correct.", "Moyen, je m'attendais à mieux.", "Réglé à la fin."),
        ("Bien, livraison rapide.", "Aimable et clair.", "Conforme, bon rapport."),
        ("Parfait, merci !", "Les meilleurs grains.", "Réglé en une heure, bravo."),
        ("Une bouilloire plus petite.", "Du café en recharge.", "Un moulin plus silencieux."),
    ),
}


def subject_table() -> tuple[str, ...]:
    """All subjects in one list: index = (language * kinds + kind) * 3 + wording."""
    return tuple(text for lang in LANGUAGES for kind in SUBJECTS[lang] for text in kind)


def comment_table() -> tuple[str, ...]:
    """All comments in one list: index = (language * 6 + mood) * 3 + wording."""
    return tuple(text for lang in LANGUAGES for mood in COMMENTS[lang] for text in mood)
