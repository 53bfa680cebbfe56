"""May a new user have this name? Stricter than `chat_db.names`: names that exist stay good for login and look-up.

A name is of one script, so that "bоb" with a Cyrillic о is not mistaken for "bob": UTS 39, section 5.2, "Highly
Restrictive". Common and Inherited characters go with every script. Digits are of one decimal system (section 5.3).
"""

from __future__ import annotations

import unicodedata

import regex

# Scripts that are written together: Japanese, Chinese with Bopomofo, Korean, each with Latin.
TOGETHER = (("Latn", "Hani", "Hira", "Kana"), ("Latn", "Hani", "Bopo"), ("Latn", "Hani", "Hang"))

# Unicode's scripts by their ISO 15924 codes. A letter of a later one is refused.
SCRIPTS = """
Adlm Aghb Ahom Arab Armi Armn Avst Bali Bamu Bass Batk Beng Berf Bhks Bopo Brah Brai Bugi Buhd Cakm Cans Cari
Cham Cher Chrs Copt Cpmn Cprt Cyrl Deva Diak Dogr Dsrt Dupl Egyp Elba Elym Ethi Gara Geor Glag Gong Gonm Goth
Gran Grek Gujr Gukh Guru Hang Hani Hano Hatr Hebr Hira Hluw Hmng Hmnp Hung Ital Java Jurc Kali Kana Kawi Khar
Khmr Khoj Kits Knda Krai Kthi Lana Laoo Latn Lepc Limb Lina Linb Lisu Lyci Lydi Mahj Maka Mand Mani Marc Medf
Mend Merc Mero Mlym Modi Mong Mroo Mtei Mult Mymr Nagm Nand Narb Nbat Newa Nkoo Nshu Ogam Olck Onao Orkh Orya
Osge Osma Ougr Palm Pauc Pcun Perm Phag Phli Phlp Phnx Plrd Prti Rjng Rohg Runr Samr Sarb Saur Seal Sgnw Shaw
Shrd Sidd Sidt Sind Sinh Sogd Sogo Sora Soyo Sund Sunu Sylo Syrc Tagb Takr Tale Talu Taml Tang Tavt Tayo Telu
Tfng Tglg Thaa Thai Tibt Tirh Tnsa Todr Tols Toto Tutg Ugar Vaii Vith Wara Wcho Xpeo Xsux Yezi Yiii Zanb
"""


# Script_Extensions says of the Japanese ー that it is Hiragana and Katakana, and of most marks that they go anywhere.
WITH_EVERY_SCRIPT = regex.compile(r"[\p{Script_Extensions=Common}\p{Script_Extensions=Inherited}]+")
OF_ONE_SCRIPT = regex.compile(
    "|".join(
        [rf"\p{{Script_Extensions={script}}}*" for script in SCRIPTS.split()]
        + ["[" + "".join(rf"\p{{Script_Extensions={script}}}" for script in scripts) + "]*" for scripts in TOGETHER]
    )
)


def is_of_one_script(name: str) -> bool:
    """Say whether a name is of one script, or of several that are written together."""
    return OF_ONE_SCRIPT.fullmatch(WITH_EVERY_SCRIPT.sub("", name)) is not None


def has_digits_of_one_kind(name: str) -> bool:
    """Say whether a name's digits are of one decimal system: ৪ is a four, and looks like an 8."""
    zeros = {ord(character) - unicodedata.decimal(character) for character in name if character.isdecimal()}
    return len(zeros) <= 1
