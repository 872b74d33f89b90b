"""A small list of passwords that are tried first: the common ones of ten characters and more, Chinese habits included.

Shorter ones are refused by length. Compared in lower case.
"""

from __future__ import annotations

_WORDS = """
0123456789 0987654321 1122334455 11223344556 1212121212 1231231231 1233211234567 1234512345 1234567890 1234567891
12345678910 123456789a 1237894560 1314520520 1472583690 147258369a 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qaz@wsx3edc
5201314520 7894561230 9876543210 a123456789 a1234567890 a1b2c3d4e5 aa12345678 aa123456789 abc1234567 abc123456789
abcd123456 abcd1234567 abcde12345 abcdefghij abcdefghijk admin12345 admin123456 admin1234567 admin@12345 admin@123456
administrator asdf123456 asdf1234567 asdfghjkl1 asdfghjkl; baseball123 changeme123 changeme1234 computer123
default123 dragon12345 football123 google12345 guest12345 hello12345 hello123456 iloveyou123 iloveyou1314 internet123
letmein123 letmein1234 li123456789 master12345 michael123 monkey12345 mypassword mypassword1 p@ssw0rd123 p@ssw0rd1234
p@ssword123 passw0rd123 password!23 password12 password123 password123! password1234 password12345 princess123
qazwsxedcr qazwsxedcrfv qq12345678 qq123456789 qwer123456 qwer1234567 qwerty12345 qwerty123456 qwertyuiop
qwertyuiop123 root123456 root1234567 samsung123 secret1234 shadow12345 starwars123 sunshine123 superman123 test123456
test1234567 tongmai123 tongmai1234 tongmai12345 tongmai2026 trustno1123 user123456 wang123456 welcome123 welcome1234
welcome2024 welcome2025 welcome2026 whatever123 woaini1314 woaini13145 woaini1314520 woaini520520 zhang123456
zxcv123456 zxcvbnm123 zxcvbnm1234
"""
COMMON_PASSWORDS = frozenset(_WORDS.split())
