"""The texts of the small golden set, all written for it: Hebrew first, then English, then mixed."""

SEPARATOR = "!@#$%^&*()"  # what llm2vec puts between the instruction and the text

# The tokenizer is trained on these, and the MNTP blocks are cut from them.
CORPUS = [
    "הספר החדש מונח על השולחן ליד החלון, ומי שרוצה יכול לקרוא בו.",
    "בבוקר ירד גשם קל, ואחר כך יצאה השמש והרחוב התמלא באנשים.",
    "סבתא שלי אופה לחם בכל יום שישי, והריח ממלא את כל הבית.",
    "הרכבת לחיפה יוצאת בשעה שמונה ועשרים מרציף מספר שלוש.",
    "הילדים בנו ארמון גדול מחול, אבל הגלים הרסו אותו לפני הערב.",
    "המורה ביקשה מאיתנו לכתוב סיפור קצר על חיה שגרה ביער.",
    "אם תרצה לשתות קפה, יש בית קפה קטן מעבר לכביש.",
    "המחשב שלי איטי מאוד מאז העדכון האחרון, ואני לא יודע למה.",
    "הם טיילו שלושה ימים במדבר וישנו בלילה תחת כיפת השמיים.",
    "הרופאה אמרה שצריך לנוח, לשתות הרבה מים ולא לצאת מהבית.",
    "בשוק מוכרים עגבניות, מלפפונים, פלפלים ותפוזים טריים.",
    "איך מגיעים מכאן אל הספרייה העירונית בלי לעבור בכיכר?",
    "הכלב של השכנים נובח בכל פעם שהדוור מתקרב אל השער.",
    "אתמול ראינו סרט ישן על מלח שחיפש אוצר באי רחוק.",
    "לשון היא כלי: היא מחברת בין אנשים, אבל גם מפרידה ביניהם.",
    "המהנדסים בדקו את הגשר ומצאו שהוא חזק מספיק למשאיות כבדות.",
    "כשהייתי קטן חלמתי להיות טייס, ועכשיו אני מפחד מגבהים.",
    "החנות סגורה היום; היא תיפתח שוב מחר בתשע בבוקר.",
    "המרק חם מדי, חכה רגע לפני שאתה טועם ממנו.",
    "בגינה פורחים ורדים אדומים וצהובים, וגם עץ לימון אחד.",
    "הסטודנטית הציגה את המחקר שלה בפני כל חברי המחלקה.",
    "מי שכח את המעיל הכחול בחדר הישיבות?",
    "הנהר זורם מן ההרים אל הים ומשקה את השדות בדרכו.",
    "לא מצאתי את המפתחות, אז נכנסתי דרך הדלת האחורית.",
    "הלהקה ניגנה שירים שכולם מכירים, והקהל שר יחד איתה.",
    "מחיר הכרטיס עלה השנה בעשרה אחוזים, והנוסעים כועסים.",
    "הוא תיקן את האופניים לבדו, אף שלא היו לו כלים מתאימים.",
    "בחורף הימים קצרים והלילות ארוכים, ובקיץ ההפך.",
    "הסופרת כתבה את הפרק האחרון בלילה אחד בלי להפסיק.",
    "על המדף יש שלושה תיקים: אחד ירוק, אחד שחור ואחד לבן.",
    "הדייגים חזרו אל הנמל עם סירה מלאה דגים.",
    "האור ברמזור התחלף לאדום, והמכונית נעצרה בפתאומיות.",
    "החתול ישן על הספה כל היום, ובלילה הוא רץ בכל הבית.",
    "בישיבה הוחלט לדחות את הפרויקט בחודש ולשכור עוד שני עובדים.",
    "הוא סיפר בדיחה, אבל אף אחד לא צחק חוץ ממנו.",
    "אפשר לשלם במזומן, בכרטיס אשראי או דרך הטלפון.",
    "הירח היה מלא, והדרך אל הכפר נראתה ברורה כמו ביום.",
    "אחותי לומדת רפואה בירושלים, ואחי עובד במפעל בצפון.",
    "כל תלמיד קיבל מחברת אחת ושני עפרונות.",
    "הציפורים נודדות דרומה בסתיו וחוזרות אלינו באביב.",
    'צה״ל, ארה"ב, ד"ר כהן ופרופ׳ לוי הם ראשי תיבות וקיצורים.',
    "שָׁלוֹם לְכֻלָּם, הַיּוֹם נִלְמַד לִקְרֹא בְּנִקּוּד.",
    "הַיֶּלֶד אָכַל תַּפּוּחַ וְהַיַּלְדָּה שָׁתְתָה חָלָב.",
    "The new book lies on the table near the window, and anyone may read it.",
    "It rained a little in the morning, and then the sun came out.",
    "My grandmother bakes bread every Friday, and the smell fills the house.",
    "The train to the north leaves at twenty past eight from platform three.",
    "The children built a sand castle, but the waves took it before evening.",
    "Please write a short story about an animal that lives in the forest.",
    "My computer has been slow since the last update, and I do not know why.",
    "They walked in the desert for three days and slept under the stars.",
    "How do I get to the city library without crossing the square?",
    "The engineers checked the bridge and found it strong enough for trucks.",
    "The shop is closed today; it will open again tomorrow at nine.",
    "The river runs from the mountains to the sea and waters the fields.",
    "I could not find the keys, so I came in through the back door.",
    "The price of a ticket went up by ten percent this year.",
    "Given a question, find the passages that answer the question.",
    "התקנתי את Python 3.11 ואת Java 17 על שרת Linux (64-bit) ב-2024.",
    "השם snake_case_name כתוב עם קו תחתון, כמו max_length = 512.",
    "Zoom at 10:30? כן, נדבר ב-5/6 & נסכם: 25% הנחה, $40 + מע\"מ #1 [סופי] *חשוב* x@y ^.",
    "QUICK JUMPS BY FOX VEXED: WALTZ, GLYPH, KIND, MR. ZERO 6789.",
]

LONG_TEXT = " ".join(CORPUS[:41])

TOKENIZER_CASES = [
    "בוקר טוב", "Good morning", "Good morning, all! 456", "בוקר טוב friends, מה נשמע?",
    "הַבֹּקֶר אוֹר", "הַיֶּלֶד אָכַל תַּפּוּחַ", "🚀 בוקר 🇮🇱 👩‍👩‍👦", "", " ", "   ", "\n", "\t", "x\ny\r\nz",
    "  indented", "ends with  ", "two  and   three", 'ד"ר לוי מצה״ל נסע לארה"ב.',
    "mail: me.you@site.co.il  web: site.example/p?q=2", "déjà vu Øre ﬂ", "ñ ñ", "中文 فارسی ελληνικά",
    "</s>", "q</s>r", " </s>", "word </s>", "<s>q", "[INST] בוקר [/INST]", "_", "q_r _ s", SEPARATOR,
    f"k{SEPARATOR}m", "\u200fבוקר\u200e \ufeffq", "\u00a0fixed", "0b11 2.71 3,500", "it's WE'LL", "\x00q",
]

SPLIT_INTO_WORDS = [
    ["ד\"ר", "לוי", "נסע", "לארה\"ב", "."],
    ["Good", "morning", "🚀", "!"],
    ["q", "", "r"],
    ["הַבֹּקֶר"],
]

# [instruction, text]
ENCODE_ITEMS = [
    ["", "הספר החדש מונח על השולחן, מי רוצה לקרוא?"],
    ["", "The children built a castle near the river."],
    ["", "הרכבת ל-Haifa יוצאת ב-8:20 (רציף 3), המחיר 27.50."],
    ["", "הַיַּלְדָּה שָׁתְתָה חָלָב וְהַיֶּלֶד אָכַל תַּפּוּחַ בַּגִּנָּה"],
    ["", "🚀 איזה יופי! 🇮🇱👩‍👩‍👦"],
    ["", ""],
    ["", LONG_TEXT],
    ["", f"first {SEPARATOR}second part"],
    ["Given a question, find the passages that answer it:", "when does the train to the north leave"],
    [" מצא משפטים בעלי משמעות דומה: ", "  החתול ישן על הספה  "],
    ["Given a question, find the passages that answer it:", LONG_TEXT],
    ["", "בגדהוזחטיכ" * 30],
]

ADAPTER_ITEMS = [ENCODE_ITEMS[i] for i in (0, 1, 2, 3, 4, 8, 9)] + [[ENCODE_ITEMS[8][0], ""]]

# Six variants of each: near-duplicates in one batch, or the loss would be next to nothing.
SIMCSE_SENTENCES = [
    ("השכנה שלנו קנתה", "בשוק ליד תחנת הרכבת.", ["לחם", "ענבים", "פרחים", "כיסא", "מנורה", "ספרים"]),
    ("The old sailor told us about", "that he saw on a far island.", ["birds", "a castle", "a ship", "snow", "gold", "fires"]),
    ("הפרק האחרון בספר עוסק", "ובדרך שבה היא השפיעה על הכפר.", ["במלחמה", "בבצורת", "ברכבת", "בתערוכה", "בשריפה", "באהבה"]),
    ("In the kitchen there is", "that nobody has used for years.", ["a stove", "a clock", "a kettle", "a knife", "a table", "a radio"]),
    ("בחודש הבא נטוס", "כדי לבקר את הדודים ולנוח מעט.", ["ליוון", "לאיטליה", "לצרפת", "לגאורגיה", "לפולין", "לקפריסין"]),
    ("המורה הסביר לתלמידים מדוע", "משנה את צבעו בסתיו.", ["העלה", "הדשא", "הים", "ההר", "הנחל", "השדה"]),
    ("Our team will", "the report before the meeting on Sunday.", ["write", "print", "read", "check", "send", "sign"]),
    ("מעל הגג של בית הספר עמדה", "והביטה אל החצר הריקה.", ["ציפור", "חתולה", "ילדה", "שומרת", "אישה", "עורבת"]),
    ("He painted the wall of the room", "because he was tired of white.", ["blue", "green", "red", "yellow", "brown", "grey"]),
    ("לפני השינה הוא שותה כוס", "וקורא עמוד אחד או שניים.", ["תה", "חלב", "מים", "מיץ", "קקאו", "סיידר"]),
]

# Rows for the dataset names that llm2vec's E5Data insists on. A theme is (query, positive, negative, facts): a
# row fills a fact into the query and the positive, and the next fact into the negative. A fifth fact makes a row
# that E5Data drops, because it does not fill a batch of four.
E5_THEMES = {
    "allnli": ("{0} עומד ליד {1}.", "יש {0} בקרבת {1}.", "{0} רחוק מאוד.",
               [("ילד", "השער"), ("סוס", "האורווה"), ("איש", "התחנה"), ("כלב", "הגדר"), ("שומר", "הדלת")]),
    "dureader": ("מהו הצבע של {0}?", "{0} הוא בצבע {1}.", "אומרים כי {0} הוא בצבע {1}.",
                 [("לימון", "צהוב"), ("דשא", "ירוק"), ("שלג", "לבן"), ("פחם", "שחור")]),
    "eli5_question_answer": ("Why does {0} {1}?", "There is a simple reason that {0} {1}.", "Nobody asked about {0}.",
                             [("ice", "float"), ("bread", "rise"), ("iron", "rust"), ("wood", "burn"), ("milk", "sour")]),
    "fever": ("{0} היא עיר על שפת הים.", "העיר {0} שוכנת {1}.", "בעיר {0} יש שוק גדול.",
              [("חיפה", "לחוף הים"), ("צפת", "בהרים"), ("אילת", "לחוף הים"), ("דימונה", "במדבר")]),
    "hotpot_qa": ("Who wrote the song that {0} sang in {1}?", "The song of {0} was written in {1} by a friend.",
                  "In {1} there was a storm.",
                  [("Dana", "spring"), ("Oren", "winter"), ("Maya", "autumn"), ("Noam", "summer")]),
    "miracl": ("כמה רגליים יש ל{0}?", "ל{0} יש {1} רגליים.", "ראינו {0} אחד בגן.",
               [("עכביש", "שמונה"), ("נמלה", "שש"), ("סוס", "ארבע"), ("תרנגול", "שתי")]),
    "mrtydi": ("מתי פותחים את {0}?", "את {0} פותחים {1}.", "מול {0} יש ספסל.",
               [("הספרייה", "בתשע"), ("הבריכה", "בשש"), ("הסניף", "בשמונה"), ("המוזיאון", "בעשר")]),
    "msmarco_passage": ("how to clean {0}", "Clean {0} with {1} and dry it well.", "He sold {0} last week.",
                        [("a pan", "salt"), ("a window", "vinegar"), ("a carpet", "soap"), ("a ring", "warm water")]),
    "msmarco_document": ("מתכון פשוט ל{0}", "כדי להכין {0} צריך קודם כול {1}.", "אני לא אוהב {0}.",
                         [("מרק", "ירקות"), ("לחם", "קמח"), ("סלט", "עגבניות"), ("ריבה", "סוכר")]),
    "nq": ("what is the use of {0}", "People use {0} to {1}.", "The word {0} is short.",
           [("a ladder", "climb"), ("a rope", "tie things"), ("an oven", "bake"), ("a map", "find the way")]),
    "quora_duplicates": ("איך לומדים {0} לבד?", "מה הדרך ללמוד {0} בלי מורה?", "כמה עולה מורה ל{0}?",
                         [("גיטרה",), ("אנגלית",), ("שחמט",), ("צילום",)]),
    "squad": ("Where does {0} live?", "You can find {0} {1}.", "She drew {0} on the page.",
              [("a fox", "in the forest"), ("a crab", "by the sea"), ("a camel", "in the desert"), ("a bat", "in a cave")]),
    "t2ranking": ("מה המרחק בין {0} ל{1}?", "הדרך מ{0} אל {1} אורכת שעה בערך.", "גרתי פעם ליד {0}.",
                  [("הכפר", "העיר"), ("הנמל", "התחנה"), ("המפעל", "הכביש"), ("היער", "הנהר")]),
    "trivia_qa": ("Which animal says {1}?", "It is {0} that says {1}.", "I have never owned {0}.",
                  [("a cow", "moo"), ("a duck", "quack"), ("a sheep", "baa"), ("an owl", "hoo")]),
}


def simcse_lines():
    return [f"{before} {word} {after}" for before, after, words in SIMCSE_SENTENCES for word in words]


def e5_rows():
    rows = {}
    for dataset, (query, positive, negative, facts) in E5_THEMES.items():
        rows[dataset] = [
            {
                "query": query.format(*fact),
                "positive": positive.format(*fact),
                "negative": negative.format(*facts[(i + 1) % len(facts)]),
            }
            for i, fact in enumerate(facts)
        ]
    return rows
