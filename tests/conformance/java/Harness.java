import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** How behaviours are listed, run and reported, and waiting with a deadline. */
final class Harness {
    static final long DEADLINE = 45_000;
    private static final long LIMIT = 120_000;
    private static final int AT_A_TIME = 4;
    private static final Map<String, Behaviour> BEHAVIOURS = new LinkedHashMap<>();
    private static final BufferedReader INPUT = new BufferedReader(new InputStreamReader(System.in));

    interface Attempt {
        void run(Context context) throws Exception;
    }

    interface Action {
        void run() throws Exception;
    }

    record Behaviour(Attempt attempt, int brokers, boolean alone) {}

    static void behaviour(String name, Attempt attempt) {
        BEHAVIOURS.put(name, new Behaviour(attempt, 1, false));
    }

    static void behaviour(String name, int brokers, boolean alone, Attempt attempt) {
        BEHAVIOURS.put(name, new Behaviour(attempt, brokers, alone));
    }

    /** Waits until the condition holds; fails with what was waited for when it does not in time. */
    static void waitUntil(Callable<Boolean> condition, Supplier<String> what) throws Exception {
        long end = System.currentTimeMillis() + DEADLINE;
        while (!condition.call()) {
            if (System.currentTimeMillis() > end) {
                throw new AssertionError("waited " + DEADLINE / 1000 + " s for " + what.get());
            }
            Thread.sleep(20);
        }
    }

    static void waitUntil(Callable<Boolean> condition, String what) throws Exception {
        waitUntil(condition, () -> what);
    }

    /** Does it again while it fails, as a program has to that outlives a coordinator. */
    static <T> T eventually(Callable<T> action) throws Exception {
        long end = System.currentTimeMillis() + DEADLINE;
        while (true) {
            try {
                return action.call();
            } catch (Exception error) {
                if (System.currentTimeMillis() > end) {
                    throw error;
                }
                Thread.sleep(100);
            }
        }
    }

    static void equal(Object got, Object wanted, String what) {
        if (!Objects.equals(got, wanted)) {
            throw new AssertionError(what + ": got " + shorten(got) + ", wanted " + shorten(wanted));
        }
    }

    static void check(boolean truth, String what) {
        if (!truth) {
            throw new AssertionError(what);
        }
    }

    /** The action has to raise one of these errors, by itself or as the cause. */
    @SafeVarargs
    static void failsWith(Action action, String what, Class<? extends Throwable>... wanted) {
        Throwable found;
        try {
            action.run();
            throw new AssertionError(what + ": went through");
        } catch (AssertionError error) {
            throw error;
        } catch (ExecutionException error) {
            found = error.getCause();
        } catch (Exception error) {
            found = error;
        }
        for (Throwable each = found; each != null; each = each.getCause()) {
            for (Class<? extends Throwable> kind : wanted) {
                if (kind.isInstance(each)) {
                    return;
                }
            }
        }
        throw new AssertionError(what + ": failed, but with " + found);
    }

    /** Asks the one who started us to kill or start a broker, and waits until that is done. */
    static synchronized void control(String line) throws IOException {
        report("broker " + line);
        String said = INPUT.readLine();
        check(said != null && said.startsWith("done"), "nobody carried out: " + line);
    }

    static void down(int broker, Action meanwhile) throws Exception {
        control("kill " + broker);
        try {
            meanwhile.run();
        } finally {
            control("start " + broker);
        }
    }

    static void run(String bootstrap, int brokers, List<String> names, Map<String, String> cannot) throws Exception {
        ConcurrentLinkedQueue<String> together = new ConcurrentLinkedQueue<>();
        List<String> alone = new ArrayList<>();
        for (String name : names) {
            Behaviour chosen = BEHAVIOURS.get(name);
            (chosen != null && chosen.alone() ? alone : together).add(name);
        }
        ExecutorService workers = Executors.newFixedThreadPool(AT_A_TIME, Harness::daemon);
        List<Future<?>> ends = new ArrayList<>();
        for (int worker = 0; worker < AT_A_TIME; worker++) {
            ends.add(workers.submit(() -> {
                for (String name; (name = together.poll()) != null; ) {
                    report(runOne(name, bootstrap, brokers, cannot));
                }
            }));
        }
        for (Future<?> end : ends) {
            end.get();
        }
        for (String name : alone) {
            report(runOne(name, bootstrap, brokers, cannot));
        }
    }

    private static String runOne(String name, String bootstrap, int brokers, Map<String, String> cannot) {
        Behaviour chosen = BEHAVIOURS.get(name);
        if (cannot.containsKey(name)) {
            return name + " cannot " + cannot.get(name);
        }
        if (chosen == null) {
            return name + " cannot it has no call for that";
        }
        if (brokers < chosen.brokers()) {
            return name + " cannot it takes " + chosen.brokers() + " brokers";
        }
        long started = System.currentTimeMillis();
        Context context = new Context(bootstrap, brokers, name);
        ExecutorService thread = Executors.newSingleThreadExecutor(Harness::daemon);
        Future<?> end = thread.submit(() -> {
            chosen.attempt().run(context);
            return null;
        });
        try {
            end.get(LIMIT, TimeUnit.MILLISECONDS);
            return String.format("%s pass %.1fs", name, (System.currentTimeMillis() - started) / 1000.0);
        } catch (TimeoutException error) {
            end.cancel(true);
            return name + " fail no end after " + LIMIT / 1000 + " s";
        } catch (Exception error) {
            Throwable cause = error.getCause() == null ? error : error.getCause();
            cause.printStackTrace();
            return name + " fail " + shorten(String.valueOf(cause).replace('\n', ' '));
        } finally {
            context.close();
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    private static String shorten(Object thing) {
        String text = String.valueOf(thing);
        return text.length() < 400 ? text : text.substring(0, 400) + "…";
    }

    private static synchronized void report(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
