"""What customers write: case subjects by language and kind, comments by language and mood."""

from __future__ import annotations

LANGUAGES = ("nl", "de", "en", "fr")
WORDINGS = 3

# Three wordings per kind (in the order of service.KINDS); the product's name follows. The first
# of a question is about goods of any sort, the others about machines.
SUBJECTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "en": (
        ("A question about", "How do I set up", "Which parts fit"),
        ("Not happy with", "Still waiting for an answer on", "Something is wrong with"),
        ("Repair needed:", "Makes a strange noise:", "Stopped working:"),
        ("Warranty claim:", "Broken within warranty:", "Fault within two years:"),
        ("Trade in my", "What do I get for my", "I would like to swap my"),
        ("Please recycle", "Where can I bring my old", "Take back"),
        ("How do I dispose of", "Collect for disposal:", "Disposal of"),
    ),
    "nl": (
        ("Vraag over", "Hoe stel ik dit in:", "Welke onderdelen passen op"),
        ("Niet tevreden over", "Wacht nog op antwoord over", "Er klopt iets niet met"),
        ("Reparatie nodig:", "Maakt een vreemd geluid:", "Doet het niet meer:"),
        ("Garantie aanvragen voor", "Defect binnen garantie:", "Storing binnen twee jaar:"),
        ("Inruilen:", "Wat krijg ik voor mijn", "Ik wil graag ruilen:"),
        ("Graag recyclen:", "Waar kan ik dit inleveren:", "Terugnemen:"),
        ("Hoe gooi ik dit weg:", "Ophalen en afvoeren:", "Afvoeren van"),
    ),
    "de": (
        ("Frage zu", "Wie stelle ich das ein:", "Welche Teile passen zu"),
        ("Nicht zufrieden mit", "Warte noch auf Antwort zu", "Etwas stimmt nicht mit"),
        ("Reparatur nötig:", "Macht seltsame Geräusche:", "Geht nicht mehr:"),
        ("Garantiefall:", "Defekt innerhalb der Garantie:", "Störung nach kurzer Zeit:"),
        ("Inzahlungnahme:", "Was bekomme ich für", "Ich möchte tauschen:"),
        ("Bitte recyceln:", "Wo gebe ich das ab:", "Rücknahme:"),
        ("Wie entsorge ich", "Abholung zur Entsorgung:", "Entsorgung von"),
    ),
    "fr": (
        ("Question sur", "Comment régler", "Quelles pièces pour"),
        ("Pas satisfait de", "Toujours pas de réponse :", "Un problème avec"),
        ("Réparation :", "Fait un bruit étrange :", "Ne marche plus :"),
        ("Demande de garantie :", "En panne sous garantie :", "Défaut dans les deux ans :"),
        ("Reprise :", "Combien pour mon", "Je voudrais échanger"),
        ("À recycler :", "Où rapporter", "Reprise de l'ancien :"),
        ("Comment jeter", "Enlèvement :", "Mise au rebut :"),
    ),
}

# Classes of comment: five moods after a case, worst to best; five after a delivery; an idea.
AFTER_CASE, AFTER_DELIVERY, IDEA, CLASSES = 0, 5, 10, 11
COMMENTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "en": (
        ("Nobody answered for days.", "I will not order again.", "Promised a call, never came."),
        ("Took far too long.", "Had to ask three times.", "Still not solved properly."),
        ("It was all right.", "Solved, but slowly.", "Fine in the end."),
        ("Friendly and clear.", "Good answer.", "Quick, thanks."),
        ("Excellent, thank you!", "Solved within the hour, great.", "The kindest service."),
        ("Arrived broken.", "Not what I ordered.", "Never again."),
        ("Not as described.", "Two weeks to arrive.", "Poor packing."),
        ("Average, I expected more.", "It does its job.", "All right for the price."),
        ("Good, quick delivery.", "Works as described.", "Good value."),
        ("The best I have had.", "Perfect, fast, well packed.", "Recommended to friends already."),
        ("A smaller kettle for camping.", "Beans in refill tins.", "A quieter grinder, please."),
    ),
    "nl": (
        ("Dagenlang geen antwoord.", "Hier bestel ik niet meer.", "Zou bellen, nooit gebeurd."),
        ("Duurde veel te lang.", "Drie keer moeten vragen.", "Nog niet goed opgelost."),
        ("Het was oké.", "Opgelost, maar traag.", "Uiteindelijk in orde."),
        ("Vriendelijk en duidelijk.", "Goed antwoord.", "Snel, bedankt."),
        ("Uitstekend, dank je wel!", "Binnen een uur opgelost.", "Heel aardig geholpen."),
        ("Kapot aangekomen.", "Niet wat ik besteld had.", "Nooit meer."),
        ("Niet zoals beschreven.", "Twee weken onderweg.", "Slecht verpakt."),
        ("Gemiddeld, had meer verwacht.", "Doet wat het moet doen.", "Prima voor de prijs."),
        ("Goed, snel geleverd.", "Precies zoals beschreven.", "Goede prijs."),
        ("Het beste tot nu toe.", "Perfect verpakt en snel.", "Al aanbevolen aan vrienden."),
        ("Een kleinere ketel voor op reis.", "Bonen in navulblik.", "Een stillere molen graag."),
    ),
    "de": (
        ("Tagelang keine Antwort.", "Hier bestelle ich nicht mehr.", "Rückruf kam nie."),
        ("Hat viel zu lange gedauert.", "Musste dreimal nachfragen.", "Noch nicht gelöst."),
        ("War in Ordnung.", "Gelöst, aber langsam.", "Am Ende gut."),
        ("Freundlich und klar.", "Gute Antwort.", "Schnell, danke."),
        ("Hervorragend, vielen Dank!", "In einer Stunde gelöst.", "Sehr netter Service."),
        ("Kam zerbrochen an.", "Nicht, was ich bestellt habe.", "Nie wieder."),
        ("Nicht wie beschrieben.", "Zwei Wochen unterwegs.", "Schlecht verpackt."),
        ("Durchschnitt, mehr erwartet.", "Tut, was es soll.", "In Ordnung für den Preis."),
        ("Gut, schnell geliefert.", "Genau wie beschrieben.", "Guter Preis."),
        ("Das Beste bisher.", "Perfekt verpackt und schnell.", "Schon weiterempfohlen."),
        ("Ein kleinerer Kessel für unterwegs.", "Bohnen im Nachfüllpack.", "Eine leisere Mühle."),
    ),
    "fr": (
        ("Aucune réponse pendant des jours.", "Je ne commande plus ici.", "Jamais rappelé."),
        ("Beaucoup trop long.", "Il a fallu demander trois fois.", "Toujours pas réglé."),
        ("Correct.", "Réglé, mais lentement.", "Réglé à la fin."),
        ("Aimable et clair.", "Bonne réponse.", "Rapide, merci."),
        ("Parfait, merci !", "Réglé en une heure, bravo.", "Service très gentil."),
        ("Arrivé cassé.", "Pas ce que j'ai commandé.", "Plus jamais."),
        ("Pas conforme.", "Deux semaines d'attente.", "Mal emballé."),
        ("Moyen, je m'attendais à mieux.", "Fait son travail.", "Correct pour le prix."),
        ("Bien, livraison rapide.", "Conforme à la description.", "Bon rapport."),
        ("Le meilleur jusqu'ici.", "Bien emballé, rapide.", "Déjà recommandé autour de moi."),
        ("Une bouilloire plus petite.", "Du café en recharge.", "Un moulin plus silencieux."),
    ),
}


def subject_table() -> tuple[str, ...]:
    """All subjects in one list: index = (language * kinds + kind) * WORDINGS + wording."""
    return tuple(text for lang in LANGUAGES for kind in SUBJECTS[lang] for text in kind)


def comment_table() -> tuple[str, ...]:
    """All comments in one list: index = (language * CLASSES + class) * WORDINGS + wording."""
    return tuple(text for lang in LANGUAGES for mood in COMMENTS[lang] for text in mood)
