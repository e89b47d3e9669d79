import java.util.Arrays;
import java.util.Map;

/** Runs the behaviours with the official client: Main BOOTSTRAP BROKERS BEHAVIOUR... */
final class Main {
    public static void main(String[] args) throws Exception {
        Records.list();
        Transactions.list();
        Groups.list();
        AdminCalls.list();
        Failover.list();
        Map<String, String> cannot = Map.of("admin-alter-configs", "the old call was taken out of it; it has the incremental one");
        Harness.run(args[0], Integer.parseInt(args[1]), Arrays.asList(args).subList(2, args.length), cannot);
        // A client that hangs in the background must not keep the program.
        Runtime.getRuntime().halt(0);
    }
}
