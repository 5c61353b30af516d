/* Speaks each line of a text with a flite voice; writes N.wav and, in N.tsv, when every token and
   segment is heard.  flite VOICE TEXT FOLDER [STRETCH]
   T token; S segment start end (seconds); both in order. */
#include <flite/flite.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

cst_voice *register_cmu_us_kal16(const char *);
cst_voice *register_cmu_us_rms(const char *);
cst_voice *register_cmu_us_slt(const char *);
cst_voice *register_cmu_us_awb(const char *);

static cst_voice *voice_named(const char *name) {
    if (!strcmp(name, "kal16")) return register_cmu_us_kal16(NULL);
    if (!strcmp(name, "rms")) return register_cmu_us_rms(NULL);
    if (!strcmp(name, "slt")) return register_cmu_us_slt(NULL);
    if (!strcmp(name, "awb")) return register_cmu_us_awb(NULL);
    fprintf(stderr, "no such voice: %s\n", name);
    exit(2);
}

static void write_word(FILE *out, cst_item *word) {
    cst_item *syllable, *part;
    for (syllable = item_daughter(item_as(word, "SylStructure")); syllable; syllable = item_next(syllable))
        for (part = item_daughter(syllable); part; part = item_next(part)) {
            cst_item *segment = item_as(part, "Segment"), *before = item_prev(segment);
            fprintf(out, "S\t%s\t%.4f\t%.4f\n", item_feat_string(segment, "name"),
                    before ? item_feat_float(before, "end") : 0.0, item_feat_float(segment, "end"));
        }
}

int main(int count, char **arguments) {
    if (count < 4) return 2;
    flite_init();
    cst_voice *voice = voice_named(arguments[1]);
    if (count > 4) feat_set_float(voice->features, "duration_stretch", atof(arguments[4]));
    FILE *text = fopen(arguments[2], "r");
    if (!text) return 2;
    char line[65536], path[4096];
    for (int number = 0; fgets(line, sizeof line, text); number++) {
        line[strcspn(line, "\n")] = 0;
        cst_utterance *said = flite_synth_text(line, voice);
        snprintf(path, sizeof path, "%s/%03d.wav", arguments[3], number);
        cst_wave_save_riff(utt_wave(said), path);
        snprintf(path, sizeof path, "%s/%03d.tsv", arguments[3], number);
        FILE *out = fopen(path, "w");
        for (cst_item *token = relation_head(utt_relation(said, "Token")); token; token = item_next(token)) {
            fprintf(out, "T\t%s\n", item_feat_string(token, "name"));
            for (cst_item *word = item_daughter(token); word; word = item_next(word)) write_word(out, word);
        }
        fclose(out);
        delete_utterance(said);
    }
    return 0;
}
