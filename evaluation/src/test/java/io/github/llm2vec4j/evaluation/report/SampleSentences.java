package io.github.llm2vec4j.evaluation.report;

import java.util.ArrayList;
import java.util.List;

/** Sentences by rule, some on each topic, some with English names among the Hebrew. */
final class SampleSentences {
    private static final String[] WHEN = {"אתמול", "השבוע", "בבוקר", "לפני שעה", "בסוף החודש", "כל ערב"};

    /** A topic, then beginnings and ends that go together. */
    private record Topic(String name, String[] beginnings, String[] ends) {}

    private static final List<Topic> TOPICS = List.of(
            topic("בישול", "הכנתי מרק עדשים|סבתא אפתה חלה|טיגנו חצילים", "עם הרבה שום|לפי המתכון הישן"),
            topic("ספורט", "הקבוצה ניצחה במשחק|רצתי עשרה קילומטרים|השוער עצר פנדל", "מול קהל גדול|למרות הגשם"),
            topic("מזג אוויר", "ירד גשם חזק|נשבה רוח מזרחית|הטמפרטורה צנחה", "בכל רחבי הצפון|עד שעות הלילה"),
            topic("טכנולוגיה", "התקנתי את Ubuntu 24.04|העדכון של WhatsApp נכשל|המחשב קרס", "בגלל באג ישן|אחרי אתחול"),
            topic("בריאות", "הרופאה רשמה אנטיביוטיקה|קבעתי תור לבדיקת דם|הכאב חלף", "במרפאה השכונתית|תוך יומיים"),
            topic("כלכלה", "בנק ישראל העלה את הריבית|השקל התחזק|מחירי הדירות עלו", "ב־3.5%|לעומת הרבעון הקודם"),
            topic("חינוך", "המורה חילקה מבחן|התלמידים הציגו פרויקט|בית הספר נפתח", "בשיעור היסטוריה|בכיתה ח׳"),
            topic("תחבורה", "הרכבת לחיפה התעכבה|האוטובוס דילג על התחנה|נתקענו בפקק", "בכביש 6|ליד המחלף"),
            topic("מוזיקה", "הזמרת הוציאה אלבום|התזמורת ניגנה את מאהלר|למדתי לנגן בגיטרה", "באולם קטן|בלי תווים"),
            topic("טבע", "ראינו צבאים|פרחו כלניות|נחל ערוגות זרם", "במדבר יהודה|לאורך השביל"),
            topic("משפט", "בית המשפט דחה את העתירה|העד חזר בו|הסנגור ביקש דחייה", "פה אחד|בלי לנמק"),
            topic("משפחה", "אחותי ילדה בת|חגגנו יום הולדת לסבא|הילדים נרדמו", "בבית ההורים|אחרי ארוחה ארוכה"));

    private SampleSentences() {}

    private static Topic topic(String name, String beginnings, String ends) {
        return new Topic(name, beginnings.split("\\|"), ends.split("\\|"));
    }

    static List<Example> examples() {
        List<Example> examples = new ArrayList<>();
        for (Topic topic : TOPICS) {
            for (int i = 0; i < 30; i++) {
                String beginning = topic.beginnings()[i % 3];
                String end = topic.ends()[i / 3 % 2];
                examples.add(new Example(beginning + " " + end + " " + WHEN[i / 5] + ".", topic.name()));
            }
        }
        return examples;
    }
}
